"""The application: settings, database, solver, routes. `worker_app` is what the web server calls."""

import asyncio
import multiprocessing
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.middleware import DefineMiddleware
from litestar.plugins.pydantic import PydanticPlugin

from api.http import health, request_log
from api.http.admission import Admission
from api.http.authentication import Authentication, permitted
from api.http.budgets import Budgets
from api.http.context import acts_of
from api.http.database_ready import Usable, once_usable
from api.http.desk_numbers import DeskNumbers
from api.http.lanes import Lanes
from api.http.metrics import Shared, note_engine, note_pool
from api.http.openapi import openapi
from api.http.problems import HANDLERS
from api.http.readers import readers_of
from api.http.refusal_log import of_refusal
from api.http.security_headers import fronted
from api.http.threads import run, use_pools
from api.http.validation import require_well_formed
from api.pages import start, theme, unsubscribe
from api.pages.refused import OF_ADDRESSES
from api.pages.routes import PAGES
from api.v1 import (
    access_grants,
    accounts,
    api_keys,
    approvals,
    areas,
    arrivals,
    audit,
    capacity,
    closing,
    country,
    decisions,
    details,
    duplicates,
    encryption_keys,
    entitlements,
    exchange,
    fact_history,
    holds,
    invitations,
    leave,
    legal_hold,
    mandates,
    messages,
    on_call,
    organisations,
    passkeys,
    policy,
    proposals,
    registrations,
    reports,
    requests,
    retention,
    returns,
    rules,
    session,
    sessions,
    set_up,
    shelters,
    single_sign_on,
    stays,
    takeovers,
    tasks,
    timeline,
    token,
    unit_profile,
    units,
    vocabulary,
    webhooks,
)
from placement.core import events
from placement.core.child_processes import end_with
from placement.core.errors import PlacementError
from placement.core.heartbeats import beat
from placement.core.logging import set_up_logging
from placement.core.setting_files import engines_socket, heartbeats_socket, metrics_folder
from placement.core.settings import Settings
from placement.jobs.reactions import REACTIONS
from placement.solver.engine_lending import LentEngines
from placement.solver.engine_pool import EnginePool, Engines
from placement.solver.engine_process import Solver
from placement.solver.previews import Previews
from placement.storage.change_signal import ChangeSignal
from placement.storage.database import Database
from placement.storage.disk_reserve import DiskReserve

_SWITCH_SECONDS = 0.001
"""How long a thread of a web process computes while others want to (Python's own figure is five times that): the event
loop answers the liveness check between threads that compute.
"""
LARGEST_BODY = 1_000_000
"""Bytes. A report of a shelter with 1,000 rooms takes about a tenth of it."""

ROUTES = Router(
    path="/api/v1",
    before_request=require_well_formed,
    route_handlers=[
        token.exchange_key,
        capacity.read_capacity,
        capacity.report_capacity,
        capacity.confirm_capacity,
        shelters.list_providers,
        shelters.create_provider,
        shelters.read_provider,
        shelters.change_provider,
        shelters.list_shelters,
        shelters.create_shelter,
        shelters.read_shelter,
        shelters.change_shelter,
        shelters.list_rooms,
        shelters.create_location,
        shelters.change_location,
        shelters.request_address,
        units.create_unit,
        units.change_unit,
        units.move_unit,
        units.close_unit,
        units.reopen_unit,
        units.create_room,
        units.change_room,
        units.list_change_requests,
        units.answer_change_request,
        closing.preview_shelter_closing,
        closing.preview_location_closing,
        closing.preview_unit_closing,
        closing.preview_room_closing,
        closing.close_shelter,
        closing.reopen_shelter,
        closing.close_location,
        closing.reopen_location,
        closing.close_room,
        closing.reopen_room,
        unit_profile.read_profile,
        unit_profile.preview_profile,
        unit_profile.change_profile,
        country.read_country,
        country.read_capacity_history,
        country.read_shortage,
        exchange.import_register,
        exchange.export_register,
        reports.list_reports,
        reports.read_dictionary,
        reports.read_period_report,
        reports.read_report,
        registrations.list_registrations,
        registrations.search_registrations,
        registrations.create_registration,
        registrations.read_registration,
        entitlements.read_entitlement,
        registrations.change_registration,
        registrations.close_registration,
        registrations.lift_avoidance,
        timeline.read_timeline,
        duplicates.find_duplicates,
        duplicates.list_links,
        duplicates.link_registration,
        duplicates.merge_registration,
        fact_history.list_fact_changes,
        fact_history.erase_fact_change,
        returns.return_client,
        requests.list_requests,
        requests.request_place,
        requests.withdraw_request,
        legal_hold.read_legal_hold,
        legal_hold.ask_legal_hold,
        legal_hold.answer_legal_hold,
        legal_hold.request_legal_hold_lift,
        retention.read_retention,
        retention.list_legal_holds,
        encryption_keys.list_encryption_keys,
        encryption_keys.request_rotation,
        encryption_keys.grant_rotation,
        encryption_keys.withdraw_rotation,
        leave.list_leave_requests,
        leave.request_leave,
        leave.grant_leave,
        leave.withdraw_leave,
        access_grants.create_access_grant,
        proposals.make_proposal,
        proposals.read_proposal,
        decisions.decide_on_proposal,
        decisions.list_decisions,
        decisions.read_decision,
        decisions.confirm_decision,
        decisions.look_at_decision,
        holds.list_holds,
        holds.read_hold,
        holds.answer_hold,
        holds.report_arrival,
        holds.release_hold,
        arrivals.postpone_arrival,
        arrivals.report_no_show,
        arrivals.reverse_no_show,
        holds.reveal_address,
        stays.list_stays,
        stays.name_blocker,
        stays.end_stay,
        stays.move_stay,
        stays.swap_stays,
        takeovers.take_over_client,
        audit.list_case_accesses,
        audit.search_audit_events,
        audit.read_audit_chain,
        audit.list_anomalies,
        audit.review_anomaly,
        vocabulary.read_vocabulary,
        set_up.read_set_up,
        session.submit_password,
        session.submit_code,
        session.read_session,
        single_sign_on.begin_single_sign_on,
        single_sign_on.finish_single_sign_on,
        passkeys.submit_passkey,
        passkeys.read_second_factor_options,
        passkeys.verify_passkey,
        passkeys.list_passkeys,
        passkeys.read_passkey_options,
        passkeys.make_passkey,
        passkeys.remove_passkey,
        session.verify_second_factor,
        session.renew_recovery_codes,
        session.change_password,
        session.sign_out,
        sessions.list_sessions,
        sessions.end_session,
        sessions.end_sessions,
        sessions.end_other_sessions,
        api_keys.list_keys,
        api_keys.make_key,
        api_keys.revoke_key,
        invitations.list_invitations,
        invitations.ask_to_invite,
        invitations.withdraw_invitation,
        invitations.read_invitation,
        invitations.choose_password,
        invitations.accept_invitation,
        invitations.read_invitation_passkey_options,
        invitations.accept_invitation_with_passkey,
        accounts.list_accounts,
        accounts.read_account,
        accounts.request_account_change,
        accounts.disable_account,
        accounts.enable_account,
        accounts.ask_to_invite_again,
        approvals.list_approvals,
        approvals.grant,
        approvals.withdraw_approval,
        accounts.list_organisations,
        accounts.make_organisation,
        organisations.read_organisation,
        organisations.change_organisation,
        organisations.read_centre,
        details.read_details,
        details.change_details,
        on_call.list_on_call,
        on_call.name_on_call,
        on_call.withdraw_on_call,
        mandates.list_mandates,
        mandates.give_mandate,
        mandates.revoke_mandate,
        details.list_absences,
        details.name_absence,
        details.withdraw_absence,
        policy.read_policy,
        policy.list_policy_versions,
        policy.change_policy,
        policy.preview_policy,
        policy.preview_policy_cases,
        areas.list_areas,
        areas.read_area,
        areas.read_area_history,
        areas.create_area,
        areas.change_area,
        areas.list_municipalities,
        areas.read_municipality,
        areas.read_municipality_history,
        areas.create_municipality,
        areas.change_municipality,
        areas.import_municipalities,
        areas.list_registrant_units,
        areas.read_registrant_unit,
        areas.read_registrant_unit_history,
        areas.create_registrant_unit,
        areas.change_registrant_unit,
        rules.list_rules,
        rules.read_rule_history,
        rules.rehearse_rule_change,
        rules.list_rule_changes,
        rules.request_rule_change,
        rules.rehearse_requested_rule_change,
        rules.grant_rule_change,
        rules.withdraw_rule_change,
        messages.list_messages,
        messages.retry_message,
        messages.read_subscription,
        messages.change_subscription,
        messages.list_reminders,
        tasks.list_tasks,
        webhooks.list_webhooks,
        webhooks.create_webhook,
        webhooks.rotate_webhook_secret,
        webhooks.disable_webhook,
        webhooks.enable_webhook,
        webhooks.try_webhook,
        webhooks.list_webhook_events,
    ],
)


def create_app(
    settings: Settings | None = None,
    database: Database | None = None,
    metrics: Shared | None = None,
    engines: Engines | None = None,
) -> Litestar:
    """The application, by default of the environment and with engines of its own. Starts without a database, too.

    Raises `Misconfigured`.
    """
    settings = settings or Settings.from_environment()
    database = database or Database.open(settings)
    set_up_logging()
    theme.note_at_start()
    events.react(REACTIONS)
    usable = Usable(database)
    usable.check_if_it_answers()
    use_pools(settings)
    engines = engines or EnginePool(settings.engines)
    solver = Solver(settings.answer_within_seconds, engines, note=note_engine)
    note_pool("engines", lambda: engines.running, lambda: engines.waiting)
    parts = {"settings": settings, "database": database, "solver": solver, "metrics": metrics or Shared()}
    parts |= {"reserve": DiskReserve.of(settings), "desk_numbers": DeskNumbers()}
    parts |= {"readers": readers_of(ROUTES), "change_signal": ChangeSignal(database)}
    parts |= {"lanes": Lanes(settings), "budgets": Budgets(settings, database)}
    app = Litestar(
        route_handlers=[
            ROUTES,
            PAGES,
            health.live,
            health.ready,
            request_log.metrics,
            start.about,
            unsubscribe.ask_whether,
            unsubscribe.unsubscribe,
            start.static_files,
        ],
        state=State({**parts, "previews": Previews(solver.for_previews())}),
        dependencies={"acts": Provide(acts_of)},
        middleware=[DefineMiddleware(Authentication, exclude_from_auth_key="public"), Admission],
        guards=[permitted],
        exception_handlers={**HANDLERS, **OF_ADDRESSES, PlacementError: of_refusal},
        request_max_body_size=LARGEST_BODY,
        lifespan=[_running],
        plugins=[PydanticPlugin(prefer_alias=True)],
        logging_config=None,
        openapi_config=openapi(start.SCHEMA_PAGE, settings.contact),
    )
    app.asgi_handler = request_log.observed(fronted(once_usable(app.asgi_handler, usable)))
    return app


def worker_app() -> Litestar:
    """The application of each worker process of `placement serve`; ends with the parent process."""
    parent = multiprocessing.parent_process()
    if parent is not None and parent.pid is not None:
        end_with(parent.pid)
    sys.setswitchinterval(_SWITCH_SECONDS)
    settings = Settings.from_environment()
    folder = metrics_folder(settings.var)
    metrics = Shared(folder if folder.is_dir() else None)
    return create_app(settings, metrics=metrics, engines=LentEngines(engines_socket(settings.var)))


@asynccontextmanager
async def _running(app: Litestar) -> AsyncIterator[None]:
    """Starts engine processes of its own before the first request, and ends them with the service."""
    await run(app.state.solver.start)
    await run(app.state.database.sealer.start)
    app.state.metrics.start()
    beating = asyncio.create_task(beat(heartbeats_socket(app.state.settings.var)))
    try:
        yield
    finally:
        beating.cancel()
        await run(app.state.solver.stop)
        await run(app.state.database.sealer.stop)
        await run(app.state.metrics.stop)

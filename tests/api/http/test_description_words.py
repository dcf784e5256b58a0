"""The description of the API can be read by people and by generators: names that stay, words, tags, who runs it."""

import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest

from api.description import description
from api.http.openapi import API_VERSION
from placement.core.setting_parts import Contact

ROOT = next(folder for folder in Path(__file__).parents if (folder / "pyproject.toml").exists())
PUBLISHED = """
    accept_invitation accept_invitation_with_passkey agree_with_entry answer_hold answer_search_close
    begin_single_sign_on change_area change_details change_location change_municipality change_organisation
    change_password change_policy change_profile change_provider change_registrant_unit change_registration
    change_room change_shelter change_shelter_telephones change_subscription change_unit check_shelter_telephone
    choose_password close_location close_registration close_room close_search close_shelter close_unit
    confirm_capacity confirm_decision contradict_entry create_access_grant create_area create_key create_location
    create_municipality create_organisation create_provider create_registrant_unit create_registration create_room
    create_shelter create_unit create_webhook decide_on_proposal disable_account disable_webhook enable_account
    enable_webhook end_other_sessions end_session end_sessions end_stay enter_answer enter_arrival enter_confirmation
    enter_count enter_end erase_fact_change exchange_key export_register find_duplicates finish_single_sign_on
    give_mandate grant_second_person_request import_municipalities import_register keep_legal_hold lift_avoidance
    link_registration list_absences list_accounts list_anomalies list_areas list_case_accesses list_decisions
    list_encryption_keys list_fact_changes list_holds list_invitations list_keys list_legal_holds list_links
    list_mandates list_messages list_municipalities list_on_call list_organisations list_passkeys list_policy_versions
    list_providers list_registrant_units list_registrations list_reminders list_reports list_requests list_rooms
    list_rules list_searches list_second_person_requests list_sessions list_shelters list_stays list_tasks
    list_telephone_entries list_webhook_events list_webhooks look_at_decision make_passkey make_proposal
    merge_registration move_stay move_unit name_absence name_blocker name_on_call postpone_arrival
    preview_location_closing preview_policy preview_policy_cases preview_profile preview_room_closing
    preview_shelter_closing preview_unit_closing read_account read_area read_area_history read_audit_chain
    read_back_entries read_capacity read_capacity_history read_centre read_country read_decision read_details
    read_dictionary read_entitlement read_hold read_invitation read_invitation_passkey_options read_legal_hold
    read_municipality read_municipality_history read_organisation read_passkey_options read_period_report read_policy
    read_profile read_proposal read_provider read_registrant_unit read_registrant_unit_history read_registration
    read_report read_retention read_rule_history read_second_factor_options read_second_person_request read_session
    read_set_up read_shelter read_shelter_telephones read_shortage read_subscription read_timeline read_vocabulary
    record_found record_informed record_look record_return refuse_second_person_request rehearse_requested_rule_change
    rehearse_rule_change release_hold remove_passkey renew_recovery_codes reopen_location reopen_room reopen_shelter
    reopen_unit report_arrival report_capacity report_no_show report_room request_account_change request_address
    request_invitation request_leave request_legal_hold request_legal_hold_lift request_new_invitation request_place
    request_rotation request_rule_change retry_message return_client reveal_address reverse_arrival reverse_closing
    reverse_no_show reverse_stay_end review_anomaly revoke_key revoke_mandate ring_back_about_entry
    rotate_webhook_secret search_audit_events search_registrations settle_contradiction sign_out submit_code
    submit_passkey submit_password swap_stays take_over_client try_webhook verify_passkey verify_second_factor
    withdraw_absence withdraw_invitation withdraw_on_call withdraw_request withdraw_second_person_request
"""
"""What clients call the operations. One that goes, or is renamed, raises the first figure of `API_VERSION`."""
NOT_OURS = re.compile(r"\b(she|her|hers|he|his|him|askings|break(ing)? the glass)\b", re.IGNORECASE)


@pytest.fixture(scope="module")
def described():
    return description()


@pytest.fixture(scope="module")
def operations(described):
    return [
        one
        for methods in chain(described["paths"].values(), described["webhooks"].values())
        for one in methods.values()
    ]


def words_in(part):
    if isinstance(part, dict):
        for name, inner in part.items():
            if name in {"description", "summary"} and isinstance(inner, str):
                yield inner
            else:
                yield from words_in(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from words_in(inner)


@pytest.mark.wide
def test_description_without_a_service_equals_the_served_one(shared, described):
    assert shared.client.get("/schema/openapi.json").json() == described


@pytest.mark.wide
def test_operation_keeps_the_id_that_it_was_published_with(described):
    ids = [one["operationId"] for methods in described["paths"].values() for one in methods.values()]
    assert len(ids) == len(set(ids))
    assert set(ids) == set(PUBLISHED.split())


@pytest.mark.wide
def test_operation_has_a_summary_of_its_own_and_a_sentence(operations):
    summaries = [one["summary"] for one in operations]
    assert len(summaries) == len(set(summaries))
    for one in operations:
        assert re.fullmatch(r"[A-Z][a-zA-Z:,' -]{7,49}", one["summary"]), one["summary"]
        assert " " in one["summary"], one["summary"]
        assert re.search(r"\.$", one["description"].strip()), one["operationId"]
        assert len(one["description"].split()) > 3, one["operationId"]


def test_tag_is_declared_once_with_a_description_and_used(described, operations):
    declared = [one["name"] for one in described["tags"]]
    assert len(declared) == len(set(declared))
    assert {tag for one in operations for tag in one["tags"]} == set(declared)
    for one in described["tags"]:
        assert re.fullmatch(r"[A-Z][A-Za-z-]+", one["name"])
        assert len(one["description"].split()) > 3


def test_description_uses_the_words_of_the_field(described):
    found = list(words_in(described))
    assert len(found) > 300
    assert [one for one in found if NOT_OURS.search(one)] == []


def test_version_is_that_of_the_api_and_not_of_the_distribution(described):
    distribution = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert described["info"]["version"] == API_VERSION != distribution
    assert re.fullmatch(r"[1-9]\d*\.\d+\.\d+", API_VERSION)


@pytest.mark.wide
def test_contact_is_shown_where_one_is_set_and_else_nothing(described):
    assert "contact" not in described["info"]
    shown = description(Contact(name="Placement desk", email="desk@placement.example"))["info"]["contact"]
    assert shown == {"name": "Placement desk", "email": "desk@placement.example"}

"""The container files and the guide as texts: their required content, checked without any of their programs."""

import gzip
import re
from pathlib import Path

import yaml

from tests.support.paths import ALERT_RULES, DEPLOY, ROOT

GUIDE = ROOT / "docs" / "guide" / "deploy.md"


def lines_of_container():
    text = (DEPLOY / "Containerfile").read_text().replace("\\\n", " ")
    return [line.split(maxsplit=1) for line in text.splitlines() if line and not line.startswith("#")]


def test_container_runs_without_rights_and_with_one_volume():
    lines = lines_of_container()
    last = lines[max(at for at, line in enumerate(lines) if line[0] == "FROM") :]
    [user] = [words for name, words in last if name == "USER"]
    assert min(map(int, user.split(":"))) > 999
    assert [words for name, words in last if name == "VOLUME"] == ["/var/lib/placement"]
    names = [name for name, _ in last]
    assert not {"RUN", "COPY", "ADD"} & set(names[names.index("USER") :])


def test_container_copies_what_exists_and_installs_by_hash():
    copied = [words.split()[:-1] for name, words in lines_of_container() if name == "COPY" and "--from" not in words]
    assert [name for names in copied for name in names if not (ROOT / name).exists()] == []
    installs = [words for name, words in lines_of_container() if name == "RUN" and "pip" in words]
    assert all("--require-hashes" in words or "--no-deps" in words for words in installs)
    assert len(installs) == 2


def test_compose_confines_each_service():
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    for name, service in compose["services"].items():
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert not service.get("privileged"), name
        assert set(service["networks"]) <= set(compose["networks"]), name
        volumes = {one.split(":")[0] for one in service.get("volumes", []) if not one.startswith(".")}
        assert volumes <= set(compose["volumes"]), name
    assert [name for name, one in compose["services"].items() if "ports" in one] == ["proxy"]
    assert compose["services"]["database"]["networks"] == ["inside"]
    assert compose["networks"]["inside"]["internal"]
    service = compose["services"]["placement"]
    port = service["command"][service["command"].index("--health-port") + 1]
    assert f":{port}/health/live" in service["healthcheck"]["test"]
    assert "cap_add" not in compose["services"]["placement"]


def test_guide_begins_by_the_commands_of_compose():
    """The first `up` ends with an error and prints `init`; the second needs new containers."""
    lines = [line.split()[-1] for line in GUIDE.read_text().splitlines() if "podman compose" in line]
    assert lines[:4] == ["up", "init", "down", "--detach"]


def test_pods_share_keys_and_have_their_own_run_folder():
    documents = [one for file in (DEPLOY / "kubernetes").glob("*.yaml") for one in yaml.safe_load_all(file.read_text())]
    [claim] = (one for one in documents if one["kind"] == "PersistentVolumeClaim")
    assert claim["spec"]["accessModes"] == ["ReadWriteMany"]
    specs = [one["spec"] if one["kind"] == "Pod" else one["spec"].get("template", {}).get("spec") for one in documents]
    pods = [spec for spec in specs if spec]
    assert len(pods) == 3
    for pod in pods:
        [container] = pod["containers"]
        places = {one["name"]: one["mountPath"] for one in container["volumeMounts"]}
        kinds = {one["name"]: next(key for key in one if key != "name") for one in pod["volumes"]}
        assert (places["shared"], kinds["shared"]) == ("/var/lib/placement", "persistentVolumeClaim")
        assert kinds["own"] == "emptyDir"
        assert {"name": "PLACEMENT_RUN", "value": f"{places['own']}/run"} in container["env"]
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert container["securityContext"]["readOnlyRootFilesystem"]
        assert pod["securityContext"]["runAsUser"] == 10001


def test_no_file_of_deploy_holds_a_password():
    for file in DEPLOY.rglob("*"):
        if file.is_file():
            content = file.read_bytes() if file.suffix != ".gz" else gzip.decompress(file.read_bytes())
            assert not re.search(r"://\w+:[^@\s]+@|AGE-SECRET-KEY", content.decode()), file


def test_example_for_prometheus_has_rules_token_and_both_targets():
    example = yaml.safe_load((DEPLOY / "prometheus.yaml").read_text())
    assert [Path(file).name for file in example["rule_files"]] == [ALERT_RULES.name]
    service, _ = example["scrape_configs"]
    assert (service["metrics_path"], set(service["authorization"])) == ("/metrics", {"credentials_file"})


def test_guide_names_every_file_of_deploy():
    said = GUIDE.read_text()
    assert [file.name for file in DEPLOY.rglob("*") if file.is_file() and file.name not in said] == []

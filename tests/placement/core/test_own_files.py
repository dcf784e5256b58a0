"""Files of the service are for their owner alone; what is another's, or a link, stays."""

from placement.core.own_files import close_to_others


def rights(path):
    return oct(path.stat().st_mode & 0o777)


def test_folder_with_all_in_it_is_closed_to_others(tmp_path):
    var, elsewhere = tmp_path / "var", tmp_path / "elsewhere"
    (var / "keys").mkdir(parents=True)
    for file in (var / "keys" / "one", elsewhere):
        file.touch()
        file.chmod(0o644)
    (var / "link").symlink_to(elsewhere)
    for folder in (var, var / "keys"):
        folder.chmod(0o755)
    close_to_others(var, tmp_path / "not-there")
    assert [rights(path) for path in (var, var / "keys", var / "keys" / "one")] == ["0o700", "0o700", "0o600"]
    assert rights(elsewhere) == "0o644"

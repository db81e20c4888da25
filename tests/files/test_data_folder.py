"""The data folder: all of it is written or nothing is left, and all of it goes again."""

from __future__ import annotations

import os
import resource
import stat
from pathlib import Path

import pytest

from dokploy_ctx.files import data_folder

FILES = {"hook.bash": ("one\n", 0o644), "shims/dokploy": ("two\n", 0o755)}
# The longest name that a disk takes has 255 bytes.
IMPOSSIBLE = {**FILES, "n" * 300: ("three\n", 0o644)}


def tree(folder: Path) -> dict[str, tuple[str, int, int]]:
    """Return text, mode and inode of each file below `folder`."""
    return {
        str(path.relative_to(folder)): (path.read_text(), path.stat().st_mode, path.stat().st_ino)
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a data folder that does not exist, as the one above it does not."""
    return tmp_path / "share" / "dctx"


@pytest.mark.parametrize("name", ["n" * 300, "n" * 300 + "/file"], ids=["file", "folder"])
def test_files_that_cannot_all_be_written_leave_no_folder(folder: Path, name: str) -> None:
    with pytest.raises(OSError, match="File name too long"):
        data_folder.write(str(folder), {**FILES, name: ("three\n", 0o644)})
    assert not folder.parent.exists()


def test_files_that_were_there_stay_where_others_cannot_be_written(folder: Path) -> None:
    data_folder.write(str(folder), FILES)
    before = tree(folder)
    with pytest.raises(OSError, match="File name too long"):
        data_folder.write(str(folder), IMPOSSIBLE)
    assert tree(folder) == before


def test_file_that_cannot_be_written_whole_leaves_the_old_one(folder: Path) -> None:
    data_folder.write(str(folder), FILES)
    before = tree(folder)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            data_folder.write(str(folder), {**FILES, "hook.bash": ("long\n" * 10, 0o644)})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert tree(folder) == before


def test_what_differs_is_written_and_nothing_else(folder: Path) -> None:
    data_folder.write(str(folder), FILES)
    before = tree(folder)
    for made in (folder.parent, folder, folder / "shims"):
        assert stat.S_IMODE(made.stat().st_mode) == 0o755
    modes = {name: stat.S_IMODE(mode) for name, (_, mode, _) in before.items()}
    assert modes == {"hook.bash": 0o644, "shims/dokploy": 0o755, data_folder.MADE: 0o644}
    (folder / "hook.bash").chmod(0o645)
    data_folder.write(str(folder), FILES)
    after = tree(folder)
    assert after.pop("hook.bash")[1] == before.pop("hook.bash")[1]
    assert after == before
    data_folder.write(str(folder), {**FILES, "hook.bash": ("new\n", 0o644)})
    assert (folder / "hook.bash").read_text() == "new\n"
    assert not list(folder.rglob("*.tmp"))


def test_remove_takes_the_folders_that_were_made_and_no_others(folder: Path) -> None:
    folder.parent.mkdir()
    data_folder.write(str(folder), FILES)
    for left in ("hook.bash.123.tmp", "shims/dokploy.123.tmp", "exported.123"):
        (folder / left).touch()
    assert data_folder.remove(str(folder), FILES) == []
    assert os.listdir(folder.parent) == []
    folder.parent.rmdir()
    data_folder.write(str(folder), FILES)
    assert data_folder.remove(str(folder), FILES) == []
    assert not folder.parent.exists()


def test_remove_names_what_is_somebodys_and_leaves_it(folder: Path) -> None:
    data_folder.write(str(folder), FILES)
    (folder / "mine").write_text("mine")
    assert data_folder.remove(str(folder), FILES) == ["mine"]
    assert os.listdir(folder) == ["mine"]

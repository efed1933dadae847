import subprocess
import sys
from pathlib import Path

import psutil

from deploy.local.control import clear_leftovers, stop
from deploy.local.running import born_at
from deploy.local.state import read_state, write_state

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


def _recorded(home: Path, child: subprocess.Popen[bytes], born: float | None) -> None:
    process = {"name": "planning", "pid": child.pid, "born": born, "port": 1, "restarts": 0}
    # A supervisor that is long gone: nobody has process number 0.
    write_state(home, {"phase": "ready", "pid": 0, "born": 0.0, "processes": [process]})


def test_what_a_killed_supervisor_left_is_stopped_by_the_next_start(tmp_path: Path) -> None:
    told: list[str] = []
    with subprocess.Popen(SLEEP, stderr=subprocess.DEVNULL) as child:
        _recorded(tmp_path, child, born_at(child.pid))
        assert clear_leftovers(tmp_path, told.append)
        assert child.wait(30) != 0
    assert told == [f"stopping planning (pid {child.pid}), left behind by a stack that was killed"]
    assert read_state(tmp_path) == {}


def test_another_program_with_a_recorded_number_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen(SLEEP) as child:
        _recorded(tmp_path, child, 1.0)
        assert not stop(tmp_path, print)
        assert psutil.pid_exists(child.pid)
        child.kill()


def test_there_is_nothing_to_stop_in_a_new_folder(tmp_path: Path) -> None:
    assert not stop(tmp_path, print)

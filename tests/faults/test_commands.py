"""Operators' commands from another terminal, while the service runs and while nothing does."""

import pytest

from tests.support.house import until

COMMANDS = {
    "demo": (["demo", "load", "--scale", "small"], "41 people"),
    "verify": (["verify"], "every invariant holds"),
    "settle": (["settle"], "settled 0 facts"),
    "openapi": (["openapi", "print"], '"openapi": "3.1'),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_works_beside_the_running_service(running, name):
    words, said = COMMANDS[name]
    before = running.parts()
    with running.connect() as auditor:
        pending = "SELECT 1 FROM auditor.earn_event WHERE state = 'pending'"
        until(lambda: auditor.execute(pending).fetchone() is None, within=30)

    outcome = running.command(*words)

    assert outcome.returncode == 0, outcome.stderr
    assert said in outcome.stdout
    assert running.parts() == before
    assert running.is_ready()


def test_commands_bring_their_own_servers_when_nothing_runs(stopped):
    for words, said in COMMANDS.values():
        outcome = stopped.command(*words)

        assert outcome.returncode == 0, outcome.stderr
        assert said in outcome.stdout
        assert stopped.inhabitants() == []


def test_a_command_is_enough_to_begin_with(tmp_path, house_at):
    house = house_at(tmp_path)

    loaded = house.command("demo", "load", "--scale", "small")
    verified = house.command("verify")

    assert (loaded.returncode, verified.returncode) == (0, 0), loaded.stderr + verified.stderr
    assert "every invariant holds" in verified.stdout
    assert house.inhabitants() == []


def test_a_start_waits_for_a_command_that_has_the_servers(stopped):
    """A command that brought its own servers takes them along when it ends."""
    command = stopped.spawn("sweep")
    until((stopped.var / "run" / "servers.json").exists)

    stopped.open()
    command.terminate()
    command.wait()
    until(lambda: not stopped.is_running or stopped.is_ready(), within=60)

    assert stopped.is_running, stopped.said()
    assert "postgres" in stopped.parts()

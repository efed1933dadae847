"""Partnerships: the story over HTTP."""

from services.coordination.tests.factories import *


async def test_story(people):
    moh, boss, mole, mafar = people("MOH"), people("MOH"), people("MOLE"), people("MAFAR")
    pid = await a_draft(moh, "MOLE")
    print((await mole.get(f"{partnerships(mole)}/{pid}")).json())
    await done(moh, pid, "submit")
    print((await mole.get(f"{partnerships(mole)}/{pid}")).json())
    x = await done(mole, pid, "accept")
    print(x)
    x = await done(boss, pid, "activate")
    print(x)
    assert (await mafar.get(f"{partnerships(mafar)}/{pid}")).status_code == 404
    assert 0

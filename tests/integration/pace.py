"""Whether pages are in time, told without a clock: by the order in which a worker finishes them and answers that NGINX itself
delays. A machine of any speed keeps that order, as timers that ran out while a worker could not run are served in theirs.

For servers with one worker, and for pages that need no other process once their time is over: files."""

import itertools
import re
import socket

import harness
from clients import Answer, read_all, request

STEPS, STEP = 4, 10  # a page that is in time may need as many turns of the worker's event loop to go out
numbers = itertools.count()


def pacemaker(milliseconds):
    """The location that answers after so long."""
    refusing = "personalize off; auth_basic pace; auth_basic_user_file none; recursive_error_pages on;"
    locations = [f"location = /pace {{ {refusing} auth_delay {milliseconds - STEPS * STEP}ms; error_page 401 = @pace1; }}"]
    for i in range(1, STEPS + 1):
        further = f"error_page 401 = @pace{i + 1};" if i < STEPS else ""
        locations.append(f"location @pace{i} {{ {refusing} auth_delay {STEP}ms; {further} }}")
    return "\n".join(locations)


def send(server, path, headers=None):
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=harness.PATIENCE)
    connection.sendall(request(path, headers))
    return connection


def receive(connection):
    with connection:
        return Answer(read_all(connection))


def paced(server, visits, path="/", together=False, pacemaker="/pace"):
    """Asks for the page with the headers of each of `visits`, one after the other or all together, and after each (all) for
    the pacemaker's answer. Gives an answer for each, and whether the page was finished before the pacemaker's."""
    answers, before, beats = [], {}, []
    for group in [visits] if together else ([headers] for headers in visits):
        pages = [f"{path}?visit={next(numbers)}" for _ in group]
        connections = [send(server, page, headers) for page, headers in zip(pages, group)]
        beat = f"{pacemaker}?visit={next(numbers)}"
        beats.append(send(server, beat))
        before.update((page, beat) for page in pages)
        answers += map(receive, connections)
    for beat in beats:
        answer = receive(beat)
        assert answer.status == 401, answer.raw
    finished = re.findall(r'"GET (\S+\?visit=\d+) HTTP', server.access_log())
    position = {name: number for number, name in enumerate(finished)}
    return [(answer, position[page] < position[beat]) for answer, (page, beat) in zip(answers, before.items())]

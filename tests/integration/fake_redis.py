"""Redis servers that misbehave on purpose, and a wire to a real one that is slow."""

import random
import select
import socket
import struct
import time

from harness import Server


def bulk(text):
    data = text if isinstance(text, bytes) else text.encode()
    return b"$%d\r\n%s\r\n" % (len(data), data)


def array(*elements):
    return b"*%d\r\n" % len(elements) + b"".join(b"$-1\r\n" if e is None else bulk(e) for e in elements)


def reset(connection):
    """Closes a connection with RST instead of FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class FakeRedis(Server):
    """Understands commands and answers data commands with `answer(command, connection)`: bytes to send, or
    None if it did everything itself. Those that set a connection up succeed. Everything it was asked is in
    `commands`."""

    SETUP = {
        b"AUTH": b"+OK\r\n",
        b"SELECT": b"+OK\r\n",
        b"PING": b"+PONG\r\n",
        b"CLIENT": b"+OK\r\n",
        b"READONLY": b"+OK\r\n",
        b"HELLO": b"-ERR unknown command 'HELLO'\r\n",
    }

    def __init__(self, answer, port=0, at="127.0.0.1"):
        self.answer, self.commands = answer, []
        super().__init__(port, at)

    def data_commands(self):
        return [command for command in self.commands if command[0].upper() not in self.SETUP]

    def serve(self, connection):
        reader = connection.makefile("rb")
        while line := reader.readline():
            command = []
            for _ in range(int(line[1:])):
                size = int(reader.readline()[1:])
                command.append(reader.read(size))
                reader.read(2)
            self.commands.append(command)
            reply = self.answer_to(command, connection)
            if reply:
                connection.sendall(reply)

    def answer_to(self, command, connection):
        return self.SETUP.get(command[0].upper()) or self.answer(command, connection)


def echo(command, _=None):
    """The profile of every visitor says who it is: their first name is their id, capitalized."""
    visitor = command[1].decode().partition("{")[2].partition("}")[0]
    return array(*[visitor.capitalize()] * (len(command) - 2))


class MoodyRedis(FakeRedis):
    """Everybody's profile is as `echo` says, unless there is a `mood(command, connection)`; that one also answers
    what sets a connection up, if it is to."""

    def __init__(self):
        self.mood, self.mood_at_setup = None, False
        super().__init__(None)

    def answer_to(self, command, connection):
        setup = self.SETUP.get(command[0].upper())
        if self.mood is None or (setup and not self.mood_at_setup):
            return setup or echo(command)
        return self.mood(command, connection)


def profile_of(first_name):
    """Answers any question for a profile: one field is asked by the tests' rules."""

    def answer(command, _):
        if command[0].upper() == b"HGETALL":
            return array("first_name", first_name)
        return array(*([first_name] * (len(command) - 2)))

    return answer


def after(seconds, answer):
    """The same answer, later."""

    def late(command, connection):
        time.sleep(seconds)
        return answer(command, connection)

    return late


class BlackHole(Server):
    """Accepts and never says anything."""

    def serve(self, connection):
        while connection.recv(65536):
            pass


class SlowWire(Server):
    """Carries bytes to a real Redis and back; each piece of a reply is late by `delay()` seconds."""

    def __init__(self, path, delay, seed=1):
        self.path, self.delay, self.random = path, delay, random.Random(seed)
        super().__init__()

    def serve(self, connection):
        with socket.socket(socket.AF_UNIX) as target:
            target.connect(self.path)
            while True:
                for source in select.select([connection, target], [], [])[0]:
                    piece = source.recv(65536)
                    if not piece:
                        return
                    if source is target:
                        time.sleep(self.delay(self.random))
                    (connection if source is target else target).sendall(piece)

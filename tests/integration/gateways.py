"""Backends that do not speak HTTP: `Gateway(protocol, handler)`, whose handler gets the request's parameters and gives the
response as CGI programs write it."""

import struct

import harness


def read_exactly(connection, size):
    data = b""
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            raise ValueError("the request ends too early")
        data += piece
    return data


def scgi(connection):
    size = b""
    while not size.endswith(b":"):
        size += read_exactly(connection, 1)
    fields = read_exactly(connection, int(size[:-1]) + 1)[:-1].split(b"\0")[:-1]
    return dict(zip(fields[::2], fields[1::2])), connection.sendall


def uwsgi(connection):
    _, size, _ = struct.unpack("<BHB", read_exactly(connection, 4))
    data, fields = read_exactly(connection, size), []
    while data:
        (length,) = struct.unpack("<H", data[:2])
        fields.append(data[2 : 2 + length])
        data = data[2 + length :]
    return dict(zip(fields[::2], fields[1::2])), connection.sendall


def fastcgi(connection):
    parameters, data = {}, b""
    while True:
        _, kind, _, size, padding, _ = struct.unpack(">BBHHBB", read_exactly(connection, 8))
        content = read_exactly(connection, size + padding)[:size]
        if kind == 4:  # parameters
            data += content
        elif kind == 5 and not content:  # the end of the body
            break
    while data:
        lengths = []
        for _ in range(2):
            if data[0] < 128:
                lengths.append(data[0])
                data = data[1:]
            else:
                lengths.append(struct.unpack(">I", data[:4])[0] & 0x7FFFFFFF)
                data = data[4:]
        name, value, data = data[: lengths[0]], data[lengths[0] : sum(lengths)], data[sum(lengths) :]
        parameters[name] = value

    def send(response):
        for i in range(0, len(response), 30000):
            piece = response[i : i + 30000]
            connection.sendall(struct.pack(">BBHHBB", 1, 6, 1, len(piece), 0, 0) + piece)
        connection.sendall(struct.pack(">BBHHBB", 1, 6, 1, 0, 0, 0) + struct.pack(">BBHHBBIB3x", 1, 3, 1, 8, 0, 0, 0, 0))

    return parameters, send


READERS = {"scgi": scgi, "uwsgi": uwsgi, "fastcgi": fastcgi}


class Gateway(harness.Server):
    def __init__(self, protocol, handler):
        self.read, self.handler, self.requests = READERS[protocol], handler, []
        super().__init__()

    def serve(self, connection):
        parameters, send = self.read(connection)
        self.requests.append({k.decode(): v.decode() for k, v in parameters.items()})
        send(self.handler(self.requests[-1]))

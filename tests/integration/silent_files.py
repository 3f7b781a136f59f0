"""A file system (FUSE) with one file, which is there but cannot be read: nobody answers, as on a network that is gone."""

import contextlib
import ctypes
import os
import stat
import struct
import threading

LOOKUP, FORGET, GETATTR, OPEN, READ, STATFS, INIT, INTERRUPT, BATCH_FORGET = 1, 2, 3, 14, 15, 17, 26, 36, 42
ROOT, FILE = 1, 2
FOREVER = 86400
libc = ctypes.CDLL(None, use_errno=True)


class SilentFiles:
    """`folder` becomes a mount with a file `name` of `size` bytes. Raises OSError where one may not mount."""

    def __init__(self, folder, name="rules.yaml", size=100):
        self.folder, self.name, self.size, self.asked = str(folder), name.encode(), size, []
        self.device = os.open("/dev/fuse", os.O_RDWR)
        options = f"fd={self.device},rootmode=40000,user_id={os.getuid()},group_id={os.getgid()},allow_other"
        if libc.mount(b"silent", self.folder.encode(), b"fuse.silent", 0, options.encode()) != 0:
            os.close(self.device)
            raise OSError(ctypes.get_errno(), "mount")
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def attributes(self, node):
        mode = stat.S_IFDIR | 0o755 if node == ROOT else stat.S_IFREG | 0o644
        return struct.pack("<6Q10I", node, self.size, 1, 0, 0, 0, 0, 0, 0, mode, 1, 0, 0, 0, 4096, 0)

    def answer(self, operation, node, body):
        """What to say, an error number, or None: nothing."""
        self.asked.append(operation)
        if operation == INIT:
            _, minor, readahead, _ = struct.unpack_from("<4I", body)
            return struct.pack("<4I2H2I2HI28x", 7, min(minor, 31), readahead, 0, 12, 9, 4096, 1, 1, 0, 0)
        if operation == GETATTR:
            return struct.pack("<QII", FOREVER, 0, 0) + self.attributes(node)
        if operation == LOOKUP:
            if body.rstrip(b"\0") != self.name:
                return 2  # ENOENT
            return struct.pack("<4Q2I", FILE, 0, FOREVER, FOREVER, 0, 0) + self.attributes(FILE)
        if operation == OPEN:
            return struct.pack("<QII", 1, 0, 0)
        return None if operation in (READ, STATFS) else 38  # ENOSYS

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                request = os.read(self.device, 1 << 17)
                _, operation, unique, node = struct.unpack_from("<IIQQ", request)
                answer = self.answer(operation, node, request[40:])
                if answer is None or operation in (FORGET, INTERRUPT, BATCH_FORGET):  # these have no answer
                    continue
                error, content = (-answer, b"") if isinstance(answer, int) else (0, answer)
                os.write(self.device, struct.pack("<IiQ", 16 + len(content), error, unique) + content)

    def close(self):
        """Whoever waits gets an error."""
        libc.umount2(self.folder.encode(), 1)  # MNT_FORCE
        libc.umount2(self.folder.encode(), 2)  # MNT_DETACH
        self.thread.join(10)
        with contextlib.suppress(OSError):
            os.close(self.device)

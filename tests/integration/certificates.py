"""Certificates for servers on this machine, made by openssl."""

import subprocess


class Certificates:
    """A certificate authority, and what it signed."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        self.ca = self.authority("ca")
        self.server = self.signed("server", "subjectAltName=DNS:redis.example,IP:127.0.0.1")
        self.nameless = self.signed("nameless", "subjectAltName=DNS:elsewhere.example")
        self.client = self.signed("client", "subjectAltName=DNS:edge.example")

    def openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], check=True, cwd=self.folder, capture_output=True)

    def authority(self, name):
        self.openssl(
            *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"),
            *("-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.crt"),
        )
        return self.folder / f"{name}.crt"

    def signed(self, name, names):
        (self.folder / f"{name}.ext").write_text(names)
        self.openssl(
            *("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}"),
            *("-keyout", f"{name}.key", "-out", f"{name}.csr"),
        )
        self.openssl(
            *("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial"),
            *("-days", "2", "-extfile", f"{name}.ext", "-out", f"{name}.crt"),
        )
        return self.folder / f"{name}.crt", self.folder / f"{name}.key"

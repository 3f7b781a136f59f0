"""Several real Redis servers that belong together: a master with a replica and Sentinels, and a cluster."""

import subprocess

import harness


def fast_replication():
    return ("--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1")


def info(server, section, name):
    """One line of INFO, or None."""
    for line in server.command("INFO", section).splitlines():
        key, _, value = line.partition(":")
        if key == name:
            return value.strip()
    return None


class SentinelSet:
    """A master, a replica and three Sentinels that notice within some 200 ms that the master is gone."""

    NAME = "shop"

    def __init__(self, folder, password="", sentinel_password=""):
        self.folder, self.password, self.sentinel_password = folder, password, sentinel_password
        self.servers = [
            harness.Redis(folder / f"redis{i}", harness.free_port(), fast_replication(), password)
            for i in range(2)
        ]
        self.sentinel_ports = [harness.free_port() for _ in range(3)]
        self.sentinels = []

    @property
    def addresses(self):
        return " ".join(f"127.0.0.1:{port}" for port in self.sentinel_ports)

    def start(self):
        master, replica = self.servers
        for server in self.servers:
            server.start()
        replica.command("REPLICAOF", "127.0.0.1", master.port)
        harness.wait_until(lambda: info(replica, "replication", "master_link_status") == "up", "the replica")
        for port in self.sentinel_ports:
            self.start_sentinel(port, master.port)
        harness.wait_until(
            lambda: all("slaves=1,sentinels=3" in self.ask(port, "INFO", "sentinel") for port in self.sentinel_ports),
            "the Sentinels to know each other",
            20,
        )
        return self

    def start_sentinel(self, port, master_port):
        folder = self.folder / f"sentinel{port}"
        folder.mkdir()
        configuration = folder / "sentinel.conf"
        configuration.write_text(
            f"port {port}\ndir {folder}\n"
            f"sentinel monitor {self.NAME} 127.0.0.1 {master_port} 2\n"
            f"sentinel down-after-milliseconds {self.NAME} 200\n"
            f"sentinel failover-timeout {self.NAME} 1000\n"
            + (f"sentinel auth-pass {self.NAME} {self.password}\n" if self.password else "")
            + (
                f"requirepass {self.sentinel_password}\nsentinel sentinel-pass {self.sentinel_password}\n"
                if self.sentinel_password
                else ""
            )
        )
        self.sentinels.append(
            subprocess.Popen(["redis-server", configuration, "--sentinel"], stdout=subprocess.DEVNULL)
        )
        harness.wait_until(lambda: harness.accepts(("127.0.0.1", port)), "a Sentinel to listen")

    def ask(self, port, *arguments):
        return harness.redis_cli("-p", port, *arguments, password=self.sentinel_password)

    def master_port(self):
        """Of the master that the first Sentinel knows."""
        return int(self.ask(self.sentinel_ports[0], "SENTINEL", "get-master-addr-by-name", self.NAME).split()[1])

    def master(self):
        return next(server for server in self.servers if server.port == self.master_port())

    def stop(self):
        for sentinel in self.sentinels:
            sentinel.kill()
            sentinel.wait()
        for server in self.servers:
            server.stop()


class Cluster:
    """Three masters that share the slots, and a replica of each, which takes over within a second."""

    SLOTS = 16384

    def __init__(self, folder):
        self.nodes = []
        for i in range(6):
            options = (
                *("--cluster-enabled", "yes", "--cluster-node-timeout", "400", "--enable-debug-command", "yes"),
                *("--cluster-port", str(harness.free_port()), "--cluster-replica-validity-factor", "0"),
                *fast_replication(),
            )
            self.nodes.append(harness.Redis(folder / f"node{i}", harness.free_port(), options))

    def start(self):
        for node in self.nodes:
            node.start()
        for i, node in enumerate(self.nodes):
            node.command("CLUSTER", "SET-CONFIG-EPOCH", i + 1)
            bus = node.command("CONFIG", "GET", "cluster-port").split()[1]
            if node is not self.nodes[0]:
                self.nodes[0].command("CLUSTER", "MEET", "127.0.0.1", node.port, bus)
        third = self.SLOTS // 3
        for i in range(3):
            last = self.SLOTS - 1 if i == 2 else (i + 1) * third - 1
            self.nodes[i].command("CLUSTER", "ADDSLOTSRANGE", i * third, last)
        harness.wait_until(self.all_know_each_other, "the cluster's nodes to meet")
        for master, replica in zip(self.nodes[:3], self.nodes[3:]):
            harness.wait_until(
                lambda: replica.command("CLUSTER", "REPLICATE", self.id(master)) == "OK", "a replica"
            )
        harness.wait_until(self.healthy, "the cluster to be complete")
        return self

    def all_know_each_other(self):
        return all(len(node.command("CLUSTER", "NODES").splitlines()) == 6 for node in self.nodes)

    def healthy(self):
        return all(
            "cluster_state:ok" in node.command("CLUSTER", "INFO")
            and node.command("CLUSTER", "NODES").count("slave") == 3
            and (info(node, "replication", "master_link_status") in (None, "up"))
            for node in self.running()
        )

    def running(self):
        return [node for node in self.nodes if node.process is not None and node.process.poll() is None]

    @property
    def addresses(self):
        return " ".join(f"127.0.0.1:{node.port}" for node in self.nodes)

    @staticmethod
    def id(node):
        return node.command("CLUSTER", "MYID")

    def slot(self, visitor):
        return int(self.running()[0].command("CLUSTER", "KEYSLOT", f"{{{visitor}}}"))

    def owner(self, visitor):
        """The node that has that visitor's keys."""
        slot = self.slot(visitor)
        for node in self.running():
            for line in node.command("CLUSTER", "NODES").splitlines():
                fields = line.split()
                if "myself" not in fields[2] or "master" not in fields[2]:
                    continue
                for word in fields[8:]:
                    first, _, last = word.partition("-")
                    if first.isdigit() and int(first) <= slot <= int(last or first):
                        return node
        return None

    def profile(self, visitor, **fields):
        self.owner(visitor).profile(visitor, **fields)

    def stop(self):
        for node in self.nodes:
            if node.process is not None and node.process.poll() is None:
                node.process.kill()
                node.process.wait()

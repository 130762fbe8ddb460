"""What a prefecture and the country would need: a simulation that reckons with the measured unit costs.

``python -m bench.scale_model [SCENARIO …]`` prints one JSON object a line: how busy each part is at the busiest half
hour, how long answers and frames take, what saturates first, and what a year takes on disk. Figures come from
bench/unit_costs.json. See docs/scale.md.
"""

import json
import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from math import sqrt
from pathlib import Path
from typing import Any

from bench.figures import emit, milliseconds, percentile
from bench.profile import HALF_HOURS, PEAK
from bench.stations import Disk, Simulation, Station

COSTS_FILE = Path(__file__).with_name("unit_costs.json")
#: Sizes of offices: the n-th largest has a share like n to the power of minus this. The largest of 5,100 then has
#: 1.3 % of all visitors, four times the share of the country's largest ward.
SKEW = 0.6
OFFICES_OF_A_MUNICIPALITY = 3
#: Simulated seconds of the busiest time, after some in which queues come about.
SECONDS, WARM_UP_SECONDS = 20.0, 5.0
DAY_SECONDS = 8.75 * 3600


@dataclass(frozen=True, slots=True)
class Scenario:
    """A load, and what is set up for it."""

    name: str
    municipalities: int
    #: At the busiest time, all together.
    tickets_per_second: float
    watchers: int
    #: Processes of Junban, each with one event loop.
    nodes: int
    #: PostgreSQL clusters that offices and nodes are spread over (a cluster and its nodes know nothing of the others),
    #: and cores of each.
    clusters: int
    cluster_cores: int
    #: Offices with a larger part of all visitors have their watchers on every node of their cluster, not on their own.
    spread_above: float = 1.0
    proxy_cores: int = 2

    @property
    def offices(self) -> int:
        return self.municipalities * OFFICES_OF_A_MUNICIPALITY


SCENARIOS: Sequence[Scenario] = (
    Scenario("one city", 1, 0.2, 500, nodes=1, clusters=1, cluster_cores=1),
    Scenario("10 municipalities", 10, 1.2, 3_000, nodes=2, clusters=1, cluster_cores=2),
    Scenario("100 municipalities", 100, 12, 30_000, nodes=2, clusters=1, cluster_cores=2),
    Scenario("1,000 on one node", 1_000, 120, 300_000, nodes=1, clusters=1, cluster_cores=2),
    Scenario("1,000, each office on one node", 1_000, 120, 300_000, nodes=8, clusters=1, cluster_cores=4,
             proxy_cores=4),
    Scenario("1,000 municipalities", 1_000, 120, 300_000, nodes=8, clusters=1, cluster_cores=4, spread_above=0.004,
             proxy_cores=4),
    Scenario("1,700, each office on one node", 1_700, 200, 500_000, nodes=16, clusters=1, cluster_cores=4,
             proxy_cores=8),
    Scenario("1,700 municipalities", 1_700, 200, 500_000, nodes=16, clusters=1, cluster_cores=4, spread_above=0.004,
             proxy_cores=8),
    Scenario("1,700 in four clusters", 1_700, 200, 500_000, nodes=16, clusters=4, cluster_cores=2,
             spread_above=0.004, proxy_cores=8),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Costs:
    """Seconds of a processor, and bytes."""

    values: Mapping[str, float]

    @classmethod
    def read(cls, file: Path = COSTS_FILE) -> "Costs":
        tables = json.loads(file.read_text("utf-8"))
        return cls(tables["measured"] | tables["assumed"])

    def __getitem__(self, name: str) -> float:
        return self.values[name]

    def cpu(self, name: str) -> float:
        """Seconds of what is given in microseconds."""
        return self.values[f"{name}_cpu_us"] / 1e6


@dataclass(slots=True)
class Office:
    """One place, with the part of all visitors that it has."""

    share: float
    node: int
    cluster: int
    #: Watchers by node.
    watchers: dict[int, float]
    #: Commands that came while a transaction was under way: they share the next one.
    waiting: list["_Command"] = field(default_factory=list)
    is_writing: bool = False


@dataclass(slots=True)
class _Command:
    came_at: float
    is_call: bool


@dataclass(slots=True)
class Result:
    """Times that were seen, in seconds."""

    answers: list[float] = field(default_factory=list)
    frames: list[float] = field(default_factory=list)
    looks: list[float] = field(default_factory=list)


def offices_of(scenario: Scenario) -> list[Office]:
    """Their shares, largest first, and where each lives: in the cluster and on the node that have least so far."""
    weights = [(place + 1) ** -SKEW for place in range(scenario.offices)]
    whole = sum(weights)
    load, cluster_load = [0.0] * scenario.nodes, [0.0] * scenario.clusters
    offices = []
    for weight in weights:
        share = weight / whole
        cluster = cluster_load.index(min(cluster_load))
        nodes = nodes_of(scenario, cluster)
        node = min(nodes, key=load.__getitem__)
        load[node] += share
        cluster_load[cluster] += share
        watchers = share * scenario.watchers
        on = nodes if share > scenario.spread_above else [node]
        by_node = dict.fromkeys(on, watchers / len(on))
        offices.append(Office(share, node, cluster, by_node))
    return offices


def nodes_of(scenario: Scenario, cluster: int) -> range:
    """The nodes over one cluster."""
    return range(cluster, scenario.nodes, scenario.clusters)


class Country:
    """A scenario at its busiest time."""

    def __init__(self, scenario: Scenario, costs: Costs, seed: int) -> None:
        self.scenario = scenario
        self.costs = costs
        self.simulation = Simulation()
        self.result = Result()
        self.offices = offices_of(scenario)
        self.nodes = [Station(self.simulation) for _ in range(scenario.nodes)]
        self.clusters = [Station(self.simulation, scenario.cluster_cores) for _ in range(scenario.clusters)]
        self.disks = [Disk(self.simulation, costs["postgres_sync_seconds"]) for _ in range(scenario.clusters)]
        self._chance = random.Random(seed)
        self._shares = list(accumulate(office.share for office in self.offices))
        #: Processor seconds of the proxies in front; they are not queued for.
        self.proxied = 0.0

    def run(self, seconds: float = SECONDS) -> Result:
        """Visitors come independently of each other."""
        costs, rate = self.costs, self.scenario.tickets_per_second
        kinds = {
            "issue": rate,
            "call": rate * (1 + costs["other_commands_a_ticket"]),
            "look": rate * costs["looks_a_ticket"],
        }
        for kind, per_second in kinds.items():
            self._arrive_later(kind, per_second)
        self.simulation.run(WARM_UP_SECONDS)
        for station in (*self.nodes, *self.clusters):
            station.worked = 0.0
        for disk in self.disks:
            disk.worked = 0.0
        self.proxied = 0.0
        self.result = Result()
        self.simulation.run(WARM_UP_SECONDS + seconds)
        return self.result

    def _arrive_later(self, kind: str, per_second: float) -> None:
        def arrive() -> None:
            (office,) = self._chance.choices(self.offices, cum_weights=self._shares)
            self._came(office, kind)
            self._arrive_later(kind, per_second)

        self.simulation.after(self._chance.expovariate(per_second), arrive)

    def _takes(self, seconds: float) -> float:
        # Requests differ: some wait for the collector, some hold more. The exponential errs on the safe side.
        return self._chance.expovariate(1 / seconds)

    def _came(self, office: Office, kind: str) -> None:
        came_at, costs = self.simulation.now, self.costs
        self.proxied += costs.cpu("proxy_request")
        node = self.nodes[office.node]
        if kind == "look":
            node.ask(self._takes(costs.cpu("look")), lambda: self.result.looks.append(self.simulation.now - came_at))
            return
        command = _Command(came_at, kind == "call")
        work = costs.cpu("call_next" if command.is_call else "issue")
        node.ask(self._takes(work), lambda: self._write(office, command))

    def _write(self, office: Office, command: _Command) -> None:
        office.waiting.append(command)
        if not office.is_writing:
            self._write_all(office)

    def _write_all(self, office: Office) -> None:
        """One transaction for all that wait: statements, then the sync that it shares with others."""
        together, office.waiting, office.is_writing = office.waiting, [], True
        work = sum(self.costs.cpu("postgres_call_next" if each.is_call else "postgres_issue") for each in together)

        def stored() -> None:
            office.is_writing = False
            if office.waiting:
                self._write_all(office)
            for command in together:
                self.result.answers.append(self.simulation.now + self.costs["network_seconds"] - command.came_at)
            self._tell(office, together[0].came_at, any(each.is_call for each in together))

        def worked() -> None:
            self.disks[office.cluster].sync(stored)

        cluster = self.clusters[office.cluster]
        self.simulation.after(self.costs["network_seconds"], lambda: cluster.ask(self._takes(work), worked))

    def _tell(self, office: Office, came_at: float, is_call: bool) -> None:
        """Frames to whoever watches: a call moves every visitor's place; other changes are for boards only."""
        boards = self.costs["boards_an_office"] * self.costs.cpu("board_frame")
        # Every node over the cluster follows every office, for it may be asked about any.
        nodes = nodes_of(self.scenario, office.cluster)
        left = len(nodes)

        def told() -> None:
            nonlocal left
            left -= 1
            if left == 0 and is_call:
                self.result.frames.append(self.simulation.now - came_at)

        self.proxied += self.costs["boards_an_office"] * self.costs.cpu("proxy_frame")
        for node in nodes:
            frames = office.watchers.get(node, 0.0) if is_call else 0.0
            self.proxied += frames * self.costs.cpu("proxy_frame")
            work = frames * self.costs.cpu("visitor_frame")
            if node == office.node:
                self.nodes[node].ask(work + boards, told)
            else:
                self._wake(office, node, work, told)

    def _wake(self, office: Office, node: int, work: float, told: Any) -> None:
        """Another node hears of it, reads what was stored, and tells its own watchers."""

        def read() -> None:
            self.nodes[node].ask(self._takes(self.costs.cpu("follow")) + work, told)

        def heard() -> None:
            self.clusters[office.cluster].ask(self._takes(self.costs.cpu("postgres_read")), read)

        self.simulation.after(self.costs["notify_seconds"], heard)


def figures(scenario: Scenario, costs: Costs, seed: int = 1, seconds: float = SECONDS) -> dict[str, Any]:
    """The busiest time, simulated; what it asks of each part, the rest of the day, and the year, reckoned."""
    country = Country(scenario, costs, seed)
    result = country.run(seconds)
    parts = works(scenario, costs)
    most = {part: min(each.most_load() for each in those) for part, those in parts.items()}
    first = min(most, key=lambda part: most[part])
    by_half_hour = [max(each.at(part / max(HALF_HOURS)) for each in parts["busiest node"]) for part in HALF_HOURS]
    tickets_a_day = scenario.tickets_per_second * DAY_SECONDS / PEAK
    syncs = [disk.worked / costs["postgres_sync_seconds"] / seconds for disk in country.disks]
    return {
        "scenario": scenario.name,
        "tickets_per_second": scenario.tickets_per_second,
        "watchers": scenario.watchers,
        "nodes": scenario.nodes,
        "postgres": f"{scenario.clusters} of {scenario.cluster_cores} cores",
        # What is asked of each part of what it can give; beyond 1 the queue grows as long as the peak lasts.
        "busy": {part: round(max(each.at(1.0) for each in those), 2) for part, those in parts.items()},
        "mean_node": round(sum(node.utilisation(seconds) for node in country.nodes) / scenario.nodes, 2),
        "answer_p50_ms": _parted(result.answers, 0.5),
        "answer_p99_ms": _parted(result.answers, 0.99),
        "last_frame_p99_ms": _parted(result.frames, 0.99),
        "look_p99_ms": _parted(result.looks, 0.99),
        "saturates_first": first,
        "times_the_load": round(most[first], 2),
        "busiest_node_by_half_hour": [round(each, 2) for each in by_half_hour],
        "syncs_per_second": round(max(syncs)),
        "gib_a_node": round(memory_of_a_node(scenario, costs) / 2**30, 2),
        "tickets_a_day": round(tickets_a_day),
        "postgres_gib_a_year": round(
            tickets_a_day * costs["open_days_a_year"] * costs["postgres_bytes_a_ticket"] / 2**30
        ),
        "log_mib_per_second": round(scenario.tickets_per_second * costs["postgres_wal_bytes_a_ticket"] / 2**20, 2),
    }


@dataclass(slots=True)
class Work:
    """What is asked of a part at the peak, as a part of what it can do: some goes with the load, some with its square.

    Visitors who come and visitors who watch grow together: commands go with the load, visitors' frames with its square.
    """

    linear: float = 0.0
    square: float = 0.0

    def at(self, load: float) -> float:
        return self.linear * load + self.square * load * load

    def most_load(self) -> float:
        """At how many times the load everything that it can do is asked of it."""
        if self.square == 0:
            return 1 / self.linear
        return (sqrt(self.linear**2 + 4 * self.square) - self.linear) / (2 * self.square)


def works(scenario: Scenario, costs: Costs) -> dict[str, list[Work]]:
    """The fluid: what a second at the peak asks of each node, cluster and of the proxies."""
    rate, calls_a_ticket = scenario.tickets_per_second, 1 + costs["other_commands_a_ticket"]
    commands = (
        costs.cpu("issue") + calls_a_ticket * costs.cpu("call_next") + costs["looks_a_ticket"] * costs.cpu("look")
    )
    statements = costs.cpu("postgres_issue") + calls_a_ticket * costs.cpu("postgres_call_next")
    nodes = [Work() for _ in range(scenario.nodes)]
    clusters = [Work() for _ in range(scenario.clusters)]
    requests = 1 + calls_a_ticket + costs["looks_a_ticket"]
    proxies = Work(rate * requests * costs.cpu("proxy_request") / scenario.proxy_cores)
    for office in offices_of(scenario):
        its_rate = rate * office.share
        commits = its_rate * (1 + calls_a_ticket)
        boards = commits * costs["boards_an_office"]
        nodes[office.node].linear += its_rate * commands + boards * costs.cpu("board_frame")
        clusters[office.cluster].linear += its_rate * statements / scenario.cluster_cores
        proxies.linear += boards * costs.cpu("proxy_frame") / scenario.proxy_cores
        for node, watchers in office.watchers.items():
            frames = its_rate * calls_a_ticket * watchers
            nodes[node].square += frames * costs.cpu("visitor_frame")
            proxies.square += frames * costs.cpu("proxy_frame") / scenario.proxy_cores
        its_nodes = nodes_of(scenario, office.cluster)
        for node in its_nodes:
            nodes[node].linear += commits * costs.cpu("follow") if node != office.node else 0.0
        reads = commits * (len(its_nodes) - 1)
        clusters[office.cluster].linear += reads * costs.cpu("postgres_read") / scenario.cluster_cores
    return {"busiest node": nodes, "PostgreSQL": clusters, "proxies": [proxies]}


def asked(scenario: Scenario, costs: Costs, load: float = 1.0) -> dict[str, float]:
    """What is asked of the busiest of each kind at so many times the peak's load."""
    return {part: max(each.at(load) for each in those) for part, those in works(scenario, costs).items()}


def _parted(times: Sequence[float], part: float) -> float | None:
    return milliseconds(percentile(times, part)) if times else None


def memory_of_a_node(scenario: Scenario, costs: Costs) -> float:
    """Bytes of the node with the most watchers."""
    watchers = [0.0] * scenario.nodes
    for office in offices_of(scenario):
        for node, many in office.watchers.items():
            watchers[node] += many
    return max(watchers) * costs["visitor_bytes"] + costs["resident_mib"] * 2**20


def main(names: Sequence[str]) -> None:
    known = [scenario.name for scenario in SCENARIOS]
    if set(names) - set(known):
        sys.exit("The set-ups are " + ", ".join(f'"{name}"' for name in known) + ".")
    costs = Costs.read()
    for scenario in SCENARIOS:
        if not names or scenario.name in names:
            emit(figures(scenario, costs))


if __name__ == "__main__":
    main(sys.argv[1:])

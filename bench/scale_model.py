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
SECONDS, WARM_UP_SECONDS = 60.0, 5.0
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
    #: PostgreSQL clusters that the offices are spread over, and cores of each.
    clusters: int
    cluster_cores: int
    #: Offices that are larger than this part of all have their watchers on every node, not on their own only.
    spread_above: float = 1.0
    proxy_cores: int = 2

    @property
    def offices(self) -> int:
        return self.municipalities * OFFICES_OF_A_MUNICIPALITY


SCENARIOS: Sequence[Scenario] = (
    Scenario("one city", 1, 0.2, 500, nodes=1, clusters=1, cluster_cores=1),
    Scenario("10 municipalities", 10, 1.2, 3_000, nodes=2, clusters=1, cluster_cores=2),
    Scenario("1,000 on one node", 1_000, 120, 300_000, nodes=1, clusters=1, cluster_cores=2),
    Scenario("1,000, each office on one node", 1_000, 120, 300_000, nodes=16, clusters=1, cluster_cores=4,
             proxy_cores=8),
    Scenario("1,000 municipalities", 1_000, 120, 300_000, nodes=16, clusters=1, cluster_cores=4, spread_above=0.004,
             proxy_cores=8),
    Scenario("1,700, few nodes", 1_700, 200, 500_000, nodes=8, clusters=1, cluster_cores=4, proxy_cores=8),
    Scenario("1,700 municipalities", 1_700, 200, 500_000, nodes=24, clusters=1, cluster_cores=8, spread_above=0.004,
             proxy_cores=12),
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
    """Their shares, largest first, and where each lives: on the node that has least so far."""
    weights = [(place + 1) ** -SKEW for place in range(scenario.offices)]
    whole = sum(weights)
    load = [0.0] * scenario.nodes
    offices = []
    for place, weight in enumerate(weights):
        share = weight / whole
        node = load.index(min(load))
        load[node] += share
        watchers = share * scenario.watchers
        if share > scenario.spread_above:
            by_node = dict.fromkeys(range(scenario.nodes), watchers / scenario.nodes)
        else:
            by_node = {node: watchers}
        offices.append(Office(share, node, place % scenario.clusters, by_node))
    return offices


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
        left = len(office.watchers)

        def told() -> None:
            nonlocal left
            left -= 1
            if left == 0 and is_call:
                self.result.frames.append(self.simulation.now - came_at)

        for node, watchers in office.watchers.items():
            frames = watchers if is_call else 0.0
            self.proxied += (frames + self.costs["boards_an_office"]) * self.costs.cpu("proxy_frame")
            work = frames * self.costs.cpu("visitor_frame") + boards
            if node == office.node:
                self.nodes[node].ask(work, told)
            else:
                self._wake(office, node, work, told)

    def _wake(self, office: Office, node: int, work: float, told: Any) -> None:
        """Another node hears of it, reads what was stored, and tells its own watchers."""

        def read() -> None:
            self.nodes[node].ask(self._takes(self.costs.cpu("postgres_read")) + work, told)

        def heard() -> None:
            self.clusters[office.cluster].ask(self._takes(self.costs.cpu("postgres_read")), read)

        self.simulation.after(self.costs["notify_seconds"], heard)


def figures(scenario: Scenario, costs: Costs, seed: int = 1, seconds: float = SECONDS) -> dict[str, Any]:
    """The busiest time, simulated; what it asks of each part, the rest of the day, and the year, reckoned."""
    country = Country(scenario, costs, seed)
    result = country.run(seconds)
    busy = asked(scenario, costs)
    first = max(busy, key=lambda part: busy[part])
    tickets_a_day = scenario.tickets_per_second * DAY_SECONDS / PEAK
    syncs = [disk.worked / costs["postgres_sync_seconds"] / seconds for disk in country.disks]
    return {
        "scenario": scenario.name,
        "tickets_per_second": scenario.tickets_per_second,
        "watchers": scenario.watchers,
        "nodes": scenario.nodes,
        "postgres": f"{scenario.clusters} of {scenario.cluster_cores} cores",
        # What is asked of each part of what it can give; beyond 1 the queue grows as long as the peak lasts.
        "busy": {part: round(value, 2) for part, value in busy.items()},
        "mean_node": round(sum(node.utilisation(seconds) for node in country.nodes) / scenario.nodes, 2),
        "answer_p50_ms": _parted(result.answers, 0.5),
        "answer_p99_ms": _parted(result.answers, 0.99),
        "last_frame_p99_ms": _parted(result.frames, 0.99),
        "look_p99_ms": _parted(result.looks, 0.99),
        "saturates_first": first,
        "times_the_load": round(_times_the_load(scenario, costs), 2),
        "busiest_node_by_half_hour": [
            round(asked(scenario, costs, each / max(HALF_HOURS))["busiest node"], 2) for each in HALF_HOURS
        ],
        "syncs_per_second": round(max(syncs)),
        "gib_a_node": round(memory_of_a_node(scenario, costs) / 2**30, 2),
        "tickets_a_day": round(tickets_a_day),
        "postgres_gib_a_year": round(
            tickets_a_day * costs["open_days_a_year"] * costs["postgres_bytes_a_ticket"] / 2**30
        ),
        "log_mib_per_second": round(scenario.tickets_per_second * costs["postgres_wal_bytes_a_ticket"] / 2**20, 2),
    }


def asked(scenario: Scenario, costs: Costs, load: float = 1.0) -> dict[str, float]:
    """The work that a part of the peak's load asks of each part, as a part of what it can do (a fluid).

    Visitors who come and visitors who watch grow together, so commands go with the load, and frames with its square.
    """
    rate = scenario.tickets_per_second * load
    calls_a_ticket = 1 + costs["other_commands_a_ticket"]
    commands = (
        costs.cpu("issue") + calls_a_ticket * costs.cpu("call_next") + costs["looks_a_ticket"] * costs.cpu("look")
    )
    boards = costs["boards_an_office"] * costs.cpu("board_frame")
    nodes, clusters = [0.0] * scenario.nodes, [0.0] * scenario.clusters
    proxied = rate * (1 + calls_a_ticket + costs["looks_a_ticket"]) * costs.cpu("proxy_request")
    for office in offices_of(scenario):
        its_rate = rate * office.share
        nodes[office.node] += its_rate * commands
        clusters[office.cluster] += its_rate * (
            costs.cpu("postgres_issue") + calls_a_ticket * costs.cpu("postgres_call_next")
        )
        for node, watchers in office.watchers.items():
            frames = its_rate * calls_a_ticket * watchers * load
            its_boards = its_rate * (1 + calls_a_ticket)
            nodes[node] += frames * costs.cpu("visitor_frame") + its_boards * boards
            proxied += (frames + its_boards * costs["boards_an_office"]) * costs.cpu("proxy_frame")
            if node != office.node:
                nodes[node] += its_boards * costs.cpu("postgres_read")
                clusters[office.cluster] += its_boards * costs.cpu("postgres_read")
    return {
        "busiest node": max(nodes),
        "PostgreSQL": max(clusters) / scenario.cluster_cores,
        "proxies": proxied / scenario.proxy_cores,
    }


def _times_the_load(scenario: Scenario, costs: Costs) -> float:
    """At how many times the load the first part is asked for all that it can do."""
    low, high = 0.0, 1e5
    for _ in range(60):
        middle = (low + high) / 2
        if max(asked(scenario, costs, middle).values()) < 1:
            low = middle
        else:
            high = middle
    return low


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
    costs = Costs.read()
    for scenario in SCENARIOS:
        if not names or scenario.name in names:
            emit(figures(scenario, costs))


if __name__ == "__main__":
    main(sys.argv[1:])

"""The shape of a published file: from YAML nodes to rows, each with its line.

Nodes are read as text and never constructed: no float, no date and no object is ever made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from services.planning.indicators.model import IndicatorKind, IndicatorTold
from services.planning.ppa_files.model import (
    LARGEST_FILE,
    LONGEST_INDICATOR,
    LONGEST_TEXT,
    LONGEST_TITLE,
    MOST_ROWS,
    AmountNotValid,
    Fault,
    FileNotReadable,
    IndicatorRow,
    Place,
    PpaFile,
    PpaRow,
    ProvisionRow,
    RowKind,
    read_amount,
)
from services.planning.spellings.model import title_keys

NULL = "tag:yaml.org,2002:null"
INDICATOR_LISTS = {
    "outcome_indicators": IndicatorKind.outcome,
    "output_indicators": IndicatorKind.output,
}
FILE_FIELDS = ("moa", "acronym", "ppas", "special_provisions")
PPA_FIELDS = ("title", "description", "approved_budget", *INDICATOR_LISTS)

Fields = Mapping[str, Node]

_NOT_STORABLE = re.compile("[\0\ud800-\udfff]")


class _Faulty(Exception):
    """One field makes its row faulty."""

    def __init__(self, reason: str, field: str = "", node: Node | None = None) -> None:
        super().__init__(reason)
        self.reason, self.field, self.node = reason, field, node


def read_ppa_file(content: bytes) -> PpaFile:
    """Read a file; a bad row becomes a fault, and only a file without rows is FileNotReadable."""
    root = _root(content)
    twice = _repeated(root)
    if twice:
        raise FileNotReadable(f"line {_line(twice)}: “{twice.value}” stands there twice")
    return _Reading(root).file()


def _root(content: bytes) -> MappingNode:
    if len(content) > LARGEST_FILE:
        raise FileNotReadable(f"the file is larger than {LARGEST_FILE >> 20} MiB")
    try:
        root = yaml.SafeLoader(content.decode("utf-8-sig")).get_single_node()
    except UnicodeDecodeError as error:
        raise FileNotReadable(f"the file is not UTF-8 at byte {error.start}") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f"line {mark.line + 1}: " if mark else ""
        raise FileNotReadable(f"{line}not YAML: {error.problem or error.context}") from error
    except yaml.YAMLError as error:
        raise FileNotReadable(f"not YAML: {' '.join(str(error).split())}") from error
    except RecursionError as error:
        raise FileNotReadable("the file is nested too deeply") from error
    if root is None:
        raise FileNotReadable("the file is empty")
    if not isinstance(root, MappingNode):
        raise FileNotReadable(
            f"line {_line(root)}: expected moa, acronym and ppas at the top, found {_noun(root)}"
        )
    return root


class _Reading:
    """One file being read; faults gather here."""

    def __init__(self, root: MappingNode) -> None:
        self._root = root
        self._faults: list[Fault] = []
        self._rows = 0

    def file(self) -> PpaFile:
        top = self._fields(self._root, FILE_FIELDS, "")
        if _is_null(top.get("ppas")):
            self._fault(RowKind.field, "ppas", self._root, "there is no list of PPAs")
        ppas = _with_keys(self._items(top, "ppas"))
        provisions = _with_keys(self._items(top, "special_provisions"))
        named = {(RowKind.ppa, key) for _, _, key in ppas if key}
        named |= {(RowKind.special_provision, key) for _, _, key in provisions if key}
        good = [self._ppa(*each) for each in ppas]
        conditions = [self._provision(*each) for each in provisions]
        return PpaFile(
            moa=_label(top.get("moa")),
            acronym=_label(top.get("acronym")),
            ppas=tuple(row for row in good if row is not None),
            provisions=tuple(row for row in conditions if row is not None),
            faults=tuple(self._faults),
            named=frozenset(named),
        )

    def _ppa(self, path: str, node: Node, key: str) -> PpaRow | None:
        place = self._place(RowKind.ppa, path, node)
        if not isinstance(node, MappingNode):
            self._faults.append(Fault(place, f"expected title and budget, found {_noun(node)}"))
            return None
        fields = self._fields(node, PPA_FIELDS, path)
        before = len(self._faults)
        indicators = tuple(self._indicators(path, fields))
        try:
            _refuse_repeated(node)
            return PpaRow(
                place=place,
                key=key,
                title=" ".join(_required(fields, "title", LONGEST_TITLE).split()),
                description=_text(fields, "description", LONGEST_TEXT),
                approved_budget_amount=_amount(fields),
                indicators=indicators,
            )
        except _Faulty as faulty:
            self._faults.insert(before, _told(place, faulty))
            reason = f"its PPA, {path}, is not imported"
            self._faults += [Fault(row.place, reason, follows=True) for row in indicators]
            return None

    def _indicators(self, path: str, fields: Fields) -> Iterator[IndicatorRow]:
        for name, kind in INDICATOR_LISTS.items():
            for item_path, node in self._items(fields, name, path):
                place = self._place(RowKind.indicator, item_path, node)
                if not isinstance(node, MappingNode):
                    reason = f"expected indicator and target, found {_noun(node)}"
                    self._faults.append(Fault(place, reason))
                    continue
                found = self._fields(node, ("indicator", "target"), item_path)
                try:
                    _refuse_repeated(node)
                    text = _required(found, "indicator", LONGEST_INDICATOR)
                    target = _text(found, "target", LONGEST_INDICATOR)
                    yield IndicatorRow(place, IndicatorTold(kind, text, target))
                except _Faulty as faulty:
                    self._faults.append(_told(place, faulty))

    def _provision(self, path: str, node: Node, key: str) -> ProvisionRow | None:
        place = self._place(RowKind.special_provision, path, node)
        if not isinstance(node, MappingNode):
            self._faults.append(Fault(place, f"expected title and details, found {_noun(node)}"))
            return None
        fields = self._fields(node, ("title", "details"), path)
        try:
            _refuse_repeated(node)
            details = _text(fields, "details", LONGEST_TEXT).strip()
            return ProvisionRow(
                place, key, " ".join(_required(fields, "title", LONGEST_TITLE).split()), details
            )
        except _Faulty as faulty:
            self._faults.append(_told(place, faulty))
            return None

    def _fields(self, node: MappingNode, known: tuple[str, ...], path: str) -> Fields:
        """Return the known fields of a mapping; each other one is a fault, for it is not kept."""
        found: dict[str, Node] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, ScalarNode) else "?"
            if name in known:
                found.setdefault(name, value)
            else:
                place = f"{path}.{name}" if path else name
                self._fault(RowKind.field, place, key, "the register has no place for this field")
        return found

    def _items(self, fields: Fields, name: str, path: str = "") -> Iterator[tuple[str, Node]]:
        """Yield the items of a list with their paths; anything but a list is a fault."""
        where = f"{path}.{name}" if path else name
        node = fields.get(name)
        if isinstance(node, SequenceNode):
            for number, item in enumerate(node.value):
                yield f"{where}[{number}]", item
        elif node is not None and not _is_null(node):
            self._fault(RowKind.field, where, node, f"expected a list, found {_noun(node)}")

    def _place(self, kind: RowKind, path: str, node: Node) -> Place:
        self._rows += 1
        if self._rows > MOST_ROWS:
            raise FileNotReadable(f"the file has more than {MOST_ROWS} rows")
        return Place(kind, path, _line(node))

    def _fault(self, kind: RowKind, path: str, node: Node, reason: str) -> None:
        self._faults.append(Fault(self._place(kind, path, node), reason))


def _told(place: Place, faulty: _Faulty) -> Fault:
    if not faulty.field:
        return Fault(place, faulty.reason)
    line = place.line if faulty.node is None else _line(faulty.node)
    return Fault(Place(place.kind, place.path, line), f"{faulty.field} {faulty.reason}")


def _text(fields: Fields, name: str, longest: int) -> str:
    node = fields.get(name)
    if node is None or _is_null(node):
        return ""
    if not isinstance(node, ScalarNode):
        raise _Faulty(f"is {_noun(node)}, expected a text", name, node)
    text = str(node.value)
    if len(text) > longest:
        raise _Faulty(f"is longer than {longest} characters", name, node)
    if _NOT_STORABLE.search(text):
        raise _Faulty("holds a character that cannot be stored", name, node)
    return text


def _required(fields: Fields, name: str, longest: int) -> str:
    text = _text(fields, name, longest).strip()
    if not text:
        raise _Faulty("is missing", name, fields.get(name))
    return text


def _amount(fields: Fields) -> Decimal | None:
    try:
        return read_amount(_text(fields, "approved_budget", LONGEST_TITLE))
    except AmountNotValid as refused:
        node = fields.get("approved_budget")
        raise _Faulty(str(refused), "approved_budget", node) from refused


def _with_keys(items: Iterator[tuple[str, Node]]) -> list[tuple[str, Node, str]]:
    """Add the natural keys by title, in order; an item without a title has an empty one."""
    found = [(path, node, _title_of(node)) for path, node in items]
    keys = iter(title_keys(title for _, _, title in found if title))
    return [(path, node, next(keys) if title else "") for path, node, title in found]


def _title_of(node: Node) -> str:
    for key, value in node.value if isinstance(node, MappingNode) else ():
        if isinstance(key, ScalarNode) and key.value == "title":
            return _label(value)
    return ""


def _repeated(node: MappingNode) -> ScalarNode | None:
    seen = set()
    for key, _ in node.value:
        if isinstance(key, ScalarNode):
            if key.value in seen:
                return key
            seen.add(key.value)
    return None


def _refuse_repeated(node: MappingNode) -> None:
    key = _repeated(node)
    if key is not None:
        raise _Faulty("stands there twice", str(key.value), key)


def _label(node: Node | None) -> str:
    if not isinstance(node, ScalarNode) or _is_null(node):
        return ""
    return " ".join(str(node.value).split())


def _is_null(node: Node | None) -> bool:
    """Whether nothing is told: no node, null, or a blank text."""
    if node is None or node.tag == NULL:
        return True
    return isinstance(node, ScalarNode) and not node.value.strip()


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1


def _noun(node: Node) -> str:
    if isinstance(node, SequenceNode):
        return "a list"
    return "a mapping" if isinstance(node, MappingNode) else f"“{str(node.value)[:40]}”"

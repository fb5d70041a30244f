#!/usr/bin/env python3
"""Compares what the code answers with what its documents say; prints "ok" or what differs.

1. The routes src/api registers (method, path, permission), api/openapi.yaml and
   docs/reference/routes.md, each against the other two.
2. The error codes in src against docs/reference/errors.md.

It reads C++ and YAML line by line and knows only the forms this project uses; a route written in
another form is reported, not overlooked.
"""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
METHODS = {"get", "put", "post", "delete", "patch", "head", "options"}

LITERAL_ROUTE = re.compile(
    r"\.method = (?:http::)?Method::(\w+)[,;]\s*"
    r"(?:route)?\.pattern = \"([^\"]+)\"[,;]\s*"
    r"(?:route)?\.permission = \"([^\"]+)\"")
HELPER = re.compile(
    r"const auto (\w+) = \[&\]\(std::string pattern.*?"
    r"\.method = (?:http::)?Method::(\w+),.*?"
    r"\.permission = (\"[^\"]+\"|std::move\(permission\))", re.S)


def code_routes(problems):
    """{(method, path): permission} of every route registered in src/api."""
    routes = {}
    for file in sorted((ROOT / "src/api").glob("*.cpp")):
        text = file.read_text()
        found = [(m, p, perm) for m, p, perm in LITERAL_ROUTE.findall(text)]
        helpers = HELPER.findall(text)
        known_adds = len(found) + len(helpers)
        for name, method, permission in helpers:
            call = re.compile(r"^\s*" + name + r"\(\"(/[^\"]*)\"(?:,\s*\"([^\"]+)\")?", re.M)
            for path, given in call.findall(text):
                found.append((method, path, given or permission.strip('"')))
        adds = len(re.findall(r"router\.add\(", text))
        if adds != known_adds:
            problems.append(f"{file.name}: {adds} router.add(…), {known_adds} understood")
        for method, path, permission in found:
            method = {"del": "delete"}.get(method, method)
            routes[(method, re.sub(r"\*}$", "}", path))] = permission
    return routes


def document_routes():
    """{(method, path): x-permission} of api/openapi.yaml, by indentation alone."""
    routes = {}
    inside, path, method = False, None, None
    for line in (ROOT / "api/openapi.yaml").read_text().splitlines():
        if re.match(r"\S", line):
            inside = line.startswith("paths:")
        if not inside:
            continue
        if m := re.match(r"  (/\S*):\s*$", line):
            path, method = m.group(1), None
        elif (m := re.match(r"    (\w+):\s*$", line)) and path:
            method = m.group(1) if m.group(1) in METHODS else None
            if method:
                routes[(method, path)] = None
        elif (m := re.match(r"      x-permission: (\S+)", line)) and method:
            routes[(method, path)] = m.group(1)
    return routes


# Text of the form word.word that is no error code: events of the log, actions of the audit log,
# duties of the queue, names of figures and of files, and the tables that give known and coming codes a title.
CODE = re.compile(r'"([a-z_]+\.[a-z_]+)"')
EVENT = re.compile(
    r'(?:\.(?:debug|info|warn|error)\(|->add\((?:Schedule)?\{|audit_entry\(\s*request,\s*|\baction = |notice\(|\.event = )\s*"[a-z_.]+"')
FIGURE = re.compile(r"\.(?:agreement|coverage|precision|recall|f1|false_fails|interruptions)$")
FILE_NAME = re.compile(r"\.(?:txt|yaml|json|key|log|pid|lock|new|sql|mp3|wav|tmp|conf|html|js|css|md)$")
TITLES = "http/problem.cpp"
COMMENT = re.compile(r"^\s*//.*$|(?<=[;,{}()]) +//.*$", re.M)
BARE = {"internal", "no_speech"}  # codes of one word


def code_codes():
    codes = set()
    prefixes, suffixes = set(), set()
    for file in sorted((ROOT / "src").rglob("*.[ch]pp")):
        if file.name.endswith("_test.cpp") or str(file).endswith(TITLES):
            continue
        text = COMMENT.sub("", file.read_text())
        text = EVENT.sub("", text)
        codes |= {code for code in CODE.findall(text)
                  if not FILE_NAME.search(code) and not FIGURE.search(code)}
        codes |= {word for word in BARE if f'"{word}"' in text}
        # Replies of providers: a prefix of the caller, an ending of the status.
        suffixes |= set(re.findall(r'(?:prefix|area) \+ "\.(\w+)"', text))
        prefixes |= set(re.findall(r'status_error\("(\w+)"', text))
    return codes | {f"{p}.{s}" for p in prefixes for s in suffixes}


def document_codes():
    text = (ROOT / "docs/reference/errors.md").read_text()
    return set(re.findall(r"^\| `([a-z_.]+)` \|", text, re.M))


PROMISE = re.compile(r"^\| ([A-Z]+) \| `(/\S*)` \| `([a-z:]+)` \| (?:`(/\S*)`)? *\|$")


def promised_routes(problems):
    """{(method, path): permission} of docs/reference/routes.md; an alias is what its main route is."""
    routes, aliases = {}, {}
    for line in (ROOT / "docs/reference/routes.md").read_text().splitlines():
        if not line.startswith("|") or line.startswith(("| Method", "|---")):
            continue
        if not (m := PROMISE.match(line)):
            problems.append(f"routes.md: not understood: {line}")
            continue
        key = (m.group(1).lower(), m.group(2))
        if key in routes:
            problems.append(f"routes.md: {key[0]} {key[1]} stands twice")
        routes[key] = m.group(3)
        if m.group(4):
            aliases[key] = (key[0], m.group(4))
    for alias, main in aliases.items():
        if routes.get(main) != routes[alias] or main in aliases:
            problems.append(f"routes.md: {alias[1]} is an alias of {main[1]}, which is no main route "
                            "of the same method and permission")
    return routes


def compare(what, code, document, problems, names=("code", "document")):
    for entry in sorted(code - document):
        problems.append(f"{what} {entry} is in the {names[0]}, not in the {names[1]}")
    for entry in sorted(document - code):
        problems.append(f"{what} {entry} is in the {names[1]}, not in the {names[0]}")


def compare_routes(one, other, names, problems):
    compare("route", {f"{m} {p}" for m, p in one}, {f"{m} {p}" for m, p in other}, problems, names)
    for key in sorted(one.keys() & other.keys()):
        if one[key] != other[key]:
            problems.append(f"{key[0]} {key[1]}: permission {one[key]} in the {names[0]}, "
                            f"{other[key]} in the {names[1]}")


def main():
    problems = []
    routes, documented = code_routes(problems), document_routes()
    promised = promised_routes(problems)
    compare_routes(routes, documented, ("code", "contract"), problems)
    compare_routes(promised, routes, ("promise", "code"), problems)
    compare_routes(promised, documented, ("promise", "contract"), problems)
    compare("error code", code_codes(), document_codes(), problems)
    for problem in problems:
        print(problem)
    if not problems:
        print("ok")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

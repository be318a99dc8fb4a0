"""report.py PAGE - a report in a browser, as TAP. See report.t, which makes the page."""

import re
import sys

import browser

FIGURES = 9  # two panels of three kinds, cost and benefit twice, the bill
READ = 8  # all but the bill have values to read


class Tap:
    def __init__(self):
        self.count = self.failures = 0

    def ok(self, description, passed, detail=""):
        self.count += 1
        self.failures += not passed
        print(f"{'' if passed else 'not '}ok {self.count} - {description}")
        if not passed and detail != "":
            print(f"#   got: {detail}")

    def done(self):
        print(f"1..{self.count}")
        return self.failures > 0


def check_figures(tap, page):
    sizes = page.ask("""[...document.querySelectorAll("figure svg")].map(svg => {
        const box = svg.getBoundingClientRect();
        return [box.width, box.height, svg.querySelectorAll("path, polygon").length];
    })""")
    tap.ok("all figures are there", len(sizes) == FIGURES, sizes)
    tap.ok("figures have size and something in them",
           all(width > 200 and height > 80 and parts > 3 for width, height, parts in sizes), sizes)
    tap.ok("no two parts of the page have the same name", page.ask(
        """(ids => ids.length === new Set(ids).size)
           ([...document.querySelectorAll("[id]")].map(part => part.id))"""))


COLUMN = """(name => {
    const table = document.querySelector("table.sortable");
    const heads = [...table.tHead.rows[table.tHead.rows.length - 1].cells];
    const column = heads.findIndex(head => head.textContent.startsWith(name));
    return {
        sort: heads[column].getAttribute("aria-sort"),
        cells: [...table.tBodies[0].rows].map(
            row => row.cells[column].textContent.replace(/±.*/, "")),
        focus: heads[column].querySelector("button").focus(),
    };
})"""


def column(page, name):
    """The column's cells and order, and the keyboard's focus on its head."""
    return page.ask(f"{COLUMN}({name!r})")


def click(page, name):
    column(page, name)
    page.ask("document.activeElement.click()")


def check_sorting(tap, page):
    before = column(page, "floor")
    tap.ok("a table is not sorted at first", before["sort"] is None, before)
    click(page, "floor")
    up = column(page, "floor")
    tap.ok("a click on a head sorts by it",
           up["sort"] == "ascending" and up["cells"] == ["12.0", "12.0", "90.0", "90.0"], up)
    page.press("Enter")
    down = column(page, "floor")
    tap.ok("Enter on the head sorts the other way",
           down["sort"] == "descending" and down["cells"] == ["90.0", "90.0", "12.0", "12.0"], down)
    click(page, "allocator")
    names = column(page, "allocator")
    tap.ok("words sort as words", names["cells"] == ["glibc", "glibc", "tcmalloc", "tcmalloc"],
           names)
    tap.ok("only one head says that it is sorted by",
           page.ask("document.querySelectorAll('[aria-sort]').length") == 1)
    click(page, "stall")
    click(page, "stall")
    stalls = column(page, "stall")["cells"]
    tap.ok("what is absent stays last either way", stalls[2:] == ["-", "-"], stalls)


def check_traffic(tap, page):
    rows = page.ask("""[...document.querySelector("#traffic + .scroll tbody").rows].map(
        row => [...row.cells].slice(-4).map(cell => cell.firstChild.textContent).join(" "))""")
    tap.ok("what was answered has a table, what is unknown there a dash",
           rows == ["1000 250 900 -"] * 4, rows)


def figure(page, group, share_x, share_y):
    """Brings the first figure of a group into view, and returns a place in it."""
    return page.ask(f"""(() => {{
        const svg = document.querySelector("#{group} + .figures svg");
        svg.scrollIntoView({{ block: "center", behavior: "instant" }});
        const box = svg.getBoundingClientRect();
        return [box.left + box.width * {share_x}, box.top + box.height * {share_y}];
    }})()""")


def reading(page):
    return page.ask("[...document.querySelectorAll('.reading')].map(box => box.innerText)"
                    ".join('').replace(/\\s+/g, ' ')")


def check_pointer(tap, page):
    page.point(*figure(page, "held", 0.9, 0.6))
    held = reading(page)
    tap.ok("the pointer reads held and live",
           all(re.search(rf"{name} 90\.0 MiB", held) for name in ("glibc", "tcmalloc")) and
           re.search(r"live 0\.00 MiB", held), held)
    page.point(1, 1)
    tap.ok("it goes with the pointer", reading(page) == "", reading(page))
    page.point(*figure(page, "retention", 0.9, 0.6))
    tap.ok("retention is read with its spread",
           re.search(r"\d s glibc 100 % \(100\.0 to 100\.0\)", reading(page)), reading(page))
    page.point(*figure(page, "ratchet", 0.9, 0.6))
    tap.ok("the ratchet is read by burst", reading(page).startswith("burst 2 "), reading(page))
    page.point(*figure(page, "cost", 0.5, 0.6))
    tap.ok("a point of cost and benefit says what it is",
           re.search(r"(glibc|tcmalloc) (native|quiet=1s): waste [\d.]+ MiB s at [\d.]+ ms",
                     reading(page)), reading(page))
    page.point(1, 1)


def check_keyboard(tap, page):
    count = page.ask("document.querySelectorAll('figure[tabindex]').length")
    tap.ok("figures can be reached by keyboard", count == READ, count)
    page.ask("document.querySelector('#held + .figures figure').focus()")
    page.press("ArrowRight")
    first = reading(page)
    page.press("ArrowRight")
    tap.ok("arrow keys read along a figure", first and reading(page) != first, first)
    page.press("Escape")
    tap.ok("Escape ends that", reading(page) == "", reading(page))


def check_links(tap, page):
    dead = page.ask("""[...document.querySelectorAll("a[href]")].map(a => a.getAttribute("href"))
        .filter(to => !to.startsWith("#") || !document.getElementById(to.slice(1)))""")
    tap.ok("every link leads to a part of the page", dead == [], dead)
    page.ask("document.querySelector('nav a[href=\"#numbers\"]').click()")
    tap.ok("a link is followed", page.ask("location.hash") == "#numbers")
    tap.ok("the command can be copied", page.ask(
        "document.querySelector('.command pre').textContent") == "tidemark run --repeat 2" and
        page.ask("document.querySelector('.command button').textContent") == "copy")


def check_screens(tap, page, path):
    grounds = {}
    for width in (400, 1400):
        for scheme in ("light", "dark"):
            page.screen(width, 900, scheme)
            page.open(path)
            wide = page.ask("document.documentElement.scrollWidth")
            tap.ok(f"no scrolling sideways at {width} px, {scheme}", wide <= width, wide)
            grounds[scheme] = page.ask("getComputedStyle(document.body).backgroundColor + "
                                       "getComputedStyle(document.querySelector('svg text')).fill")
    tap.ok("light and dark differ", grounds["light"] != grounds["dark"], grounds)


def check_paper(tap, page):
    pdf = page.pdf()
    pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
    tap.ok("it prints", pdf.startswith(b"%PDF") and pages > 0, pages)


def check(tap, page, path):
    page.screen(1400, 900)
    page.open(path)
    check_figures(tap, page)
    check_sorting(tap, page)
    check_traffic(tap, page)
    check_pointer(tap, page)
    check_keyboard(tap, page)
    check_links(tap, page)
    check_screens(tap, page, path)
    check_paper(tap, page)
    tap.ok("nothing was logged as an error", page.complaints == [], page.complaints)
    others = [url for url in page.requests if url != page.requests[0]]
    tap.ok("nothing but the page was asked for", others == [], others)


def main():
    path = browser.find()
    if not path:
        print("1..0 # SKIP no Chromium is installed")
        return 0
    try:
        page = browser.Browser(path)
    except browser.BrowserError as error:
        print(f"1..0 # SKIP {path} cannot be started: {error}")
        return 0
    tap = Tap()
    try:
        check(tap, page, sys.argv[1])
    finally:
        page.close()
    return tap.done()


sys.exit(main())

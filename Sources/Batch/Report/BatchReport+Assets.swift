extension BatchReport {
  static let style = """
    :root { color-scheme: light dark; --line: #8884; --good: #2a7d3f; --bad: #c4302b; --dim: #777;
      font: 15px/1.5 system-ui, sans-serif; }
    body { margin: 2rem auto; padding: 0 1.5rem; max-width: 84rem; }
    h1 { font-size: 1.5rem; overflow-wrap: anywhere; }
    h2 { font-size: 1.1rem; margin-top: 2.5rem; }
    code { font: 0.9em ui-monospace, monospace; overflow-wrap: anywhere; }
    .counts, .stages { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; }
    .counts li { border: 1px solid var(--line); border-radius: 0.4rem; padding: 0.4rem 0.9rem; }
    .counts b { font-size: 1.3rem; margin-right: 0.3rem; }
    .counts .done b, tr.done td:nth-child(2) { color: var(--good); }
    .counts .failed b, tr.failed td:nth-child(2) { color: var(--bad); }
    tr.skipped td:nth-child(2), tr.released td:nth-child(2), .stages { color: var(--dim); }
    #failures li { margin-bottom: 0.5rem; }
    .samples { display: flex; flex-wrap: wrap; gap: 1.5rem; }
    figure { margin: 0; min-width: 12rem; max-width: 100%; }
    td code { display: inline-block; min-width: 14rem; }
    .compare { position: relative; --at: 50%; overflow: hidden; }
    .compare img { position: absolute; inset: 0; width: 100%; height: 100%; display: block; }
    .compare .after { clip-path: inset(0 0 0 var(--at)); }
    .compare i { position: absolute; top: 0; bottom: 0; left: var(--at); width: 2px; margin-left: -1px;
      background: #fff; box-shadow: 0 0 3px #000; pointer-events: none; }
    .compare input { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0;
      cursor: ew-resize; }
    .compare:focus-within { outline: 2px solid Highlight; outline-offset: 2px; }
    figcaption { color: var(--dim); font-size: 0.9rem; margin-top: 0.3rem; overflow-wrap: anywhere; }
    .wide { overflow-x: auto; }
    table { border-collapse: collapse; width: 100%; }
    th, td { text-align: left; vertical-align: top; padding: 0.35rem 0.7rem; border-bottom: 1px solid var(--line); }
    th { cursor: pointer; white-space: nowrap; }
    th[aria-sort=ascending]::after { content: " \\2191"; }
    th[aria-sort=descending]::after { content: " \\2193"; }
    .number { text-align: right; white-space: nowrap; }
    .tools { display: flex; flex-wrap: wrap; gap: 1rem; align-items: center; }
    """

  static let script = """
    "use strict";
    for (const box of document.querySelectorAll(".compare")) {
      const range = box.querySelector("input");
      const show = () => box.style.setProperty("--at", range.value + "%");
      range.addEventListener("input", show);
      show();
    }
    const body = document.querySelector("tbody");
    const rows = [...body.rows];
    const result = document.getElementById("result");
    const search = document.getElementById("search");
    function filter() {
      const wanted = search.value.toLowerCase();
      let shown = 0;
      for (const row of rows) {
        const fits = (!result.value || row.className === result.value)
          && row.textContent.toLowerCase().includes(wanted);
        row.hidden = !fits;
        if (fits) shown += 1;
      }
      document.getElementById("shown").textContent = shown + " of " + rows.length;
    }
    result.addEventListener("input", filter);
    search.addEventListener("input", filter);
    filter();
    const heads = [...document.querySelectorAll("th")];
    heads.forEach((head, column) => head.addEventListener("click", () => {
      const descends = head.getAttribute("aria-sort") === "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", descends ? "descending" : "ascending");
      const key = row => row.cells[column].dataset.key ?? row.cells[column].textContent;
      const sign = descends ? -1 : 1;
      rows.sort((a, b) => sign * key(a).localeCompare(key(b), undefined, { numeric: true }));
      body.append(...rows);
    }));
    """
}

using System.Security.Cryptography;
using System.Text;

namespace Capstan;

/// <summary>What makes a report look and behave as it does. Nothing is loaded from anywhere.</summary>
static class ReportStyle
{
    /// <summary>
    /// Colours follow the reader's choice of light or dark; the two sides differ for colour-blind readers, too.
    /// </summary>
    public const string Sheet = """
        :root { color-scheme: light dark; --ground: #fff; --raised: #f6f7f9; --line: #d9dde3; --ink: #1b1f24; --quiet: #59636e;
          --mine: #2f6fd0; --other: #c2410c; --warn: #7a4b00; --warn-ground: #fff1d6; --bad: #a3122b; --bad-ground: #ffe3e6; }
        @media (prefers-color-scheme: dark) { :root { --ground: #14171c; --raised: #1c2027; --line: #343b45; --ink: #e6e9ee;
          --quiet: #9aa5b1;
          --mine: #6ea8fe; --other: #ffa657; --warn: #ffd58a; --warn-ground: #3a2d10; --bad: #ffb3bd; --bad-ground: #46161f; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; padding: 1.5rem clamp(1rem, 3vw, 3rem) 3rem; max-width: 100rem; background: var(--ground);
          color: var(--ink);
          font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
        h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; overflow-wrap: anywhere; }
        h2 { font-size: 1.15rem; margin: 2rem 0 .75rem; }
        h3 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; }
        h3 small, .quiet, .note, figcaption, caption, footer { color: var(--quiet); font-weight: normal; }
        a { color: inherit; text-decoration-color: var(--quiet); text-underline-offset: .2em; }
        a:focus-visible, button:focus-visible, summary:focus-visible, .scroll:focus-visible { outline: 2px solid var(--mine);
          outline-offset: 2px; }
        .tiles { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1rem 0 0; padding: 0; list-style: none; }
        .tiles li { background: var(--raised); border: 1px solid var(--line); border-radius: .6rem; padding: .5rem .9rem;
          min-width: 7.5rem; }
        .tiles b { display: block; font-size: 1.25rem; font-variant-numeric: tabular-nums; }
        .key { display: inline-block; inline-size: .8em; block-size: .8em; border-radius: .2em; margin-inline-end: .35em; }
        .key.mine { background: var(--mine); } .key.other { border: 2px solid var(--other); }
        .scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: .6rem; }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
        .overview { inline-size: 100%; }
        .overview { font-size: .93rem; } .overview th, .overview td { padding: .4rem .55rem; text-align: start;
          white-space: nowrap; border-block-end: 1px solid var(--line); }
        .overview tbody tr:last-child > * { border-block-end: 0; }
        .overview tbody tr:hover { background: var(--raised); }
        .overview thead th { background: var(--raised); font-weight: 600; }
        .overview .number { text-align: end; }
        .overview td:last-child { white-space: normal; min-inline-size: 10rem; }
        .overview tbody th { font-weight: 600; max-inline-size: 18rem; overflow: hidden; text-overflow: ellipsis; }
        th button { all: unset; cursor: pointer; } th button::after { content: " ↕"; color: var(--quiet); }
        th[aria-sort=ascending] button::after { content: " ↑"; } th[aria-sort=descending] button::after { content: " ↓"; }
        .missing { display: inline-block; inline-size: 3.5rem; block-size: .55rem; border-radius: .3rem;
          margin-inline-end: .4rem; overflow: hidden;
          background: color-mix(in srgb, var(--mine) 22%, transparent); }
        .missing span { display: block; block-size: 100%; background: var(--bad); }
        .chip { display: inline-block; border-radius: 1rem; padding: 0 .6rem; margin: .1rem .25rem .1rem 0; font-size: .82rem;
          color: var(--warn); background: var(--warn-ground); }
        .chip.bad { color: var(--bad); background: var(--bad-ground); } .chip.calm { color: var(--quiet);
          background: var(--raised); }
        svg.small { inline-size: 7rem; block-size: 1.7rem; display: block; } svg.large { inline-size: 100%; block-size: 8rem;
          display: block; }
        svg { overflow: visible; border-block-end: 1px solid var(--line); }
        rect.mine { fill: var(--mine); } path.other { fill: none; stroke: var(--other); stroke-width: 2; }
        .cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(26rem, 100%), 1fr)); gap: 1rem; }
        article { background: var(--raised); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem;
          min-inline-size: 0; scroll-margin-top: 1rem; }
        article:target { border-color: var(--mine); }
        figure { margin: .75rem 0 0; } figcaption { display: flex; justify-content: space-between; font-size: .82rem; }
        .note { margin: .3rem 0 0; font-size: .82rem; } details { margin-top: .3rem; font-size: .82rem; }
        summary { cursor: pointer; color: var(--quiet); }
        .facts { margin-top: .75rem; inline-size: 100%; font-size: .88rem; }
        .facts th, details th { text-align: start; font-weight: normal; color: var(--quiet); padding: .08rem .75rem .08rem 0; }
        .facts td { text-align: end; overflow-wrap: anywhere; } .facts.both { table-layout: fixed; }
        .facts.both th:first-child { inline-size: 40%; } .facts thead th { text-align: end; padding-inline-end: 0; }
        .facts thead th:first-child { text-align: start; }
        .bars { margin-top: .75rem; inline-size: 100%; font-size: .88rem; table-layout: fixed; }
        .bars thead, details .bar { display: none; }
        .bars th { text-align: start; font-weight: normal; inline-size: 45%; overflow: hidden; text-overflow: ellipsis;
          white-space: nowrap; padding-inline-end: .6rem; }
        .bars td { position: relative; padding-inline: .35rem; text-align: end; } .bars td span { position: relative; }
        .bars .bar { position: absolute; inset-block: 12%; inset-inline-start: 0; border-radius: .2rem;
          background: color-mix(in srgb, var(--mine) 35%, transparent); }
        .bars .bar.other { background: color-mix(in srgb, var(--other) 35%, transparent); }
        footer { margin-top: 2rem; font-size: .82rem; }
        @media print { body { max-width: none; } article { break-inside: avoid; } details { display: none; } }
        """;

    /// <summary>Sorts a table by the column whose heading is pressed. Without it the report has everything but that.</summary>
    public const string Script = """
        for (const head of document.querySelectorAll('.overview thead th')) {
          const button = document.createElement('button');
          button.type = 'button';
          button.append(...head.childNodes);
          head.append(button);
          button.addEventListener('click', () => {
            const down = head.getAttribute('aria-sort') === 'ascending';
            for (const other of head.parentNode.children) other.removeAttribute('aria-sort');
            head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
            const body = head.closest('table').tBodies[0], at = head.cellIndex, order = down ? -1 : 1;
            const key = row => row.cells[at].dataset.sort ?? row.cells[at].textContent;
            const compare = (a, b) => a === b ? 0 : a === '' ? 1 : b === '' ? -1 :
              order * (isNaN(a) || isNaN(b) ? a.localeCompare(b) : a - b);
            body.append(...[...body.rows].sort((a, b) => compare(key(a), key(b))));
          });
        }
        """;

    /// <summary>
    /// What a browser may run and load: this very script and the style sheet, and nothing else, so that not even a mistake in
    /// escaping would let data act.
    /// </summary>
    public static readonly string Policy =
        $"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{HashOf(Script)}'";

    static string HashOf(string script) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script)));
}

// Writes src/Capstan.Data/Text/normalization.txt from the Unicode data in Node's ICU (here Node 20.20 with Unicode 17.0):
//   node normalization.js > ../../../src/Capstan.Data/Text/normalization.txt
// JavaScript does not tell combining classes; they are found by what normalisation swaps with a mark of each class.

const marks = {
  1: 0x334, 6: 0x16ff0, 7: 0x93c, 8: 0x3099, 9: 0x94d, 10: 0x5b0, 11: 0x5b1, 12: 0x5b2, 13: 0x5b3, 14: 0x5b4, 15: 0x5b5, 16: 0x5b6, 17: 0x5b7,
  18: 0x5b8, 19: 0x5b9, 20: 0x5bb, 21: 0x5bc, 22: 0x5bd, 23: 0x5bf, 24: 0x5c1, 25: 0x5c2, 26: 0xfb1e, 27: 0x64b, 28: 0x64c, 29: 0x64d, 30: 0x64e,
  31: 0x64f, 32: 0x650, 33: 0x651, 34: 0x652, 35: 0x670, 36: 0x711, 84: 0xc55, 91: 0xc56, 103: 0xe38, 107: 0xe48, 118: 0xeb8, 122: 0xec8,
  129: 0xf71, 130: 0xf72, 132: 0xf74, 202: 0x321, 214: 0x1dce, 216: 0x31b, 218: 0x302a, 220: 0x316, 222: 0x59a, 224: 0x302e, 226: 0x1d16d,
  228: 0x5ae, 230: 0x300, 232: 0x315, 233: 0x35c, 234: 0x35d, 240: 0x345,
};

const text = (...points) => String.fromCodePoint(...points);
const points = (string) => [...string].map((c) => c.codePointAt(0));
const hex = (list) => list.map((point) => point.toString(16).toUpperCase().padStart(4, "0")).join(" ");
const swaps = (first, second) => text(first, second).normalize("NFD") === text(second, first) && first !== second;
const isHangul = (point) => point >= 0xac00 && point <= 0xd7a3;

function combiningClass(point) {
  const [below, above] = [marks[1], marks[240]];
  if (!swaps(point, below) && !swaps(above, point)) {
    return point === below ? 1 : point === above ? 240 : 0;
  }

  const found = Object.keys(marks).filter((each) => !swaps(point, marks[each]) && !swaps(marks[each], point));
  if (found.length !== 1) throw new Error(`${hex([point])} has the classes ${found}`);
  return Number(found[0]);
}

const lines = [
  "# Unicode 17.0, derived from the Unicode Character Database, © Unicode, Inc., Unicode License v3. Made by normalization.js of the tests.",
  "# POINT ^ CLASS combining class; POINT = POINTS canonical, POINT ~ POINTS compatibility decomposition, in full; POINT + POINT POINT composition.",
];
for (let point = 0; point < 0x110000; point++) {
  if ((point >= 0xd800 && point < 0xe000) || isHangul(point)) continue;
  const [own, canonical, compatible] = [text(point), text(point).normalize("NFD"), text(point).normalize("NFKD")];
  // A mark that decomposes takes no part in ordering: its parts do.
  if (canonical === own && combiningClass(point) > 0) lines.push(`${hex([point])} ^ ${combiningClass(point)}`);
  if (canonical !== own) {
    lines.push(`${hex([point])} = ${hex(points(canonical))}`);
    const all = points(canonical);
    const first = points(text(...all.slice(0, -1)).normalize("NFC"));
    if (canonical.normalize("NFC") === own) {
      if (first.length !== 1 || text(first[0], all.at(-1)).normalize("NFC") !== own) throw new Error(`${hex([point])} is composed of no pair`);
      lines.push(`${hex([first[0]])} + ${hex([all.at(-1)])} ${hex([point])}`);
    }
  }
  if (compatible !== canonical) lines.push(`${hex([point])} ~ ${hex(points(compatible))}`);
}
console.log(lines.join("\n"));

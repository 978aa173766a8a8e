import type { KnownHeader } from './headers/header.ts';
import { knownHeader } from './known-header.ts';

/** A text file of comments and columns of numbers. */
export type NumberTable = {
  /**
   * Fields of comments, `Namespace.name: value`, by lower-case name; the first wins. What the header of a known program
   * says is among them, as XDI has it: `column.1`, `mono.d_spacing`.
   */
  readonly header: ReadonlyMap<string, string>;
  /** Comments as they stand, without their sign, down to the numbers. */
  readonly comments: readonly string[];
  /** The last line of words before the numbers, which often names the columns. */
  readonly legend: string;
  readonly rows: readonly (readonly number[])[];
  /** What had to be mended, a sentence each. */
  readonly notes: readonly string[];
};

/** A table of more lines, or a longer one, is no scan: what is made of each takes a hundred times its bytes. */
const MOST_LINES = 1_000_000;
const MOST_CHARACTERS = 1_000_000;
/** After so many rows a last line that is broken is one that was being written, not another format. */
const CUT_AFTER = 20;
/** Fewer rows than this of another width than those below them are part of the header, such as a number of points. */
const HEADER_ROWS = 5;
/** Ends a text in DOS, and files of programs from then. */
const END_OF_FILE = '\u001A';

const COMMENT = /^(?:[#;%!*]+\s*)+|^\/\/\s*/; // some write two signs: `# # energy i0`
const FIELD = /^([A-Za-z][\w-]*\.[\w.-]+)\s*:\s*(.*)$/;
const NUMBER = /^[+-]?(\d+(?:\.\d*)?|\.\d+)([eEdD][+-]?\d+)?$/;
/** Also dates and times of day, which some write into columns. */
const NOT_A_NUMBER = /^([+-]?(nan|inf|infinity)|\d+([/:]\d+)+(\.\d+)?|)$/i; // or an empty cell
/** A letter that no exponent has. */
const HAS_WORDS = /[A-CF-Za-cf-z]/;
const WITH_COMMA = /^[+-]?\d+,\d+([eE][+-]?\d+)?$/;

/**
 * Reads comments and numbers; a sentence that names the line where a row is none. Comments begin with #, ;, %, !, * or
 * //.
 */
export function readNumberTable(text: string): NumberTable | string {
  const header = new Map<string, string>();
  const comments: string[] = [];
  const rows: number[][] = [];
  const notes: string[] = [];
  const written = text
    .replace(/^\uFEFF/, '')
    .split(END_OF_FILE, 1)[0]!
    .split(/\r\n|\r|\n/, MOST_LINES + 1);
  if (written.length > MOST_LINES) return `Expected at most ${MOST_LINES} lines, got more`;
  const long = written.findIndex((line) => line.length > MOST_CHARACTERS);
  if (long >= 0)
    return `line ${long + 1}: Expected at most ${MOST_CHARACTERS} characters, got ${written[long]!.length}`;
  const known = knownHeader(written);
  const lines = known?.points === undefined ? written : pointsOf(written, known);
  const last = lines.findLastIndex((line) => line.trim() !== '');
  const decimalComma = hasDecimalCommas(lines);
  if (decimalComma) notes.push('the numbers have decimal commas');
  const wordsOf = splitterOf(lines, decimalComma);
  if (known !== null) {
    for (const [i, name] of known.columns.entries()) header.set(`column.${i + 1}`, name);
    if (known.dSpacing !== undefined) header.set('mono.d_spacing', String(known.dSpacing));
    if (known.e0Ev !== undefined) comments.push(`E0 = ${known.e0Ev}`);
    if (known.note !== undefined) notes.push(known.note);
  }
  let legend = '';
  for (const [i, line] of lines.entries()) {
    const content = line.trim();
    if (content === '') continue;
    if (COMMENT.test(content) || i < (known?.from ?? 0)) {
      const comment = content.replace(COMMENT, '');
      const field = FIELD.exec(comment);
      // The first wins: after the header some files repeat a key for each of several amplifiers.
      if (field !== null) {
        const key = field[1]!.toLowerCase();
        if (!header.has(key)) header.set(key, field[2]!.split('||')[0]!.trim());
      } else if (rows.length === 0 && /[A-Za-z]/.test(comment)) legend = comment;
      if (rows.length === 0) comments.push(comment);
      continue;
    }
    const words = wordsOf(line);
    if (words.every((word) => word === '')) continue;
    const row = words.map((word) => toNumber(word, decimalComma));
    const unreadable = row.findIndex((value, k) => Number.isNaN(value) && !NOT_A_NUMBER.test(words[k]!));
    if (unreadable >= 0) {
      if (rows.length === 0) {
        // A line of words before the numbers: a header without a comment's sign.
        legend = content;
        comments.push(content);
        continue;
      }
      if (i === last && rows.length >= CUT_AFTER) {
        notes.push(`the last line, ${i + 1}, is broken off and left out`);
        continue;
      }
      const word = JSON.stringify(words[unreadable]!.slice(0, 40));
      return `line ${i + 1}: Expected a number in column ${unreadable + 1}, got ${word}`;
    }
    const width = rows[0]?.length ?? row.length;
    if (row.length !== width) {
      if (rows.length < HEADER_ROWS && areAlike(lines.slice(i, i + HEADER_ROWS).map(wordsOf), decimalComma)) {
        rows.length = 0;
        rows.push(row);
        continue;
      }
      if (i === last && row.length < width && rows.length >= CUT_AFTER) {
        notes.push(`the last line, ${i + 1}, is broken off and left out`);
        continue;
      }
      return `line ${i + 1}: Expected ${width} numbers, got ${row.length}`;
    }
    rows.push(row);
  }
  if (rows.length === 0) return 'Expected lines of numbers after the header, got none';
  return { header, comments, legend, rows, notes };
}

/** The lines of a header, and below them a line a point. */
const pointsOf = (lines: readonly string[], { from, points }: KnownHeader): readonly string[] => [
  ...lines.slice(0, from),
  ...points!(lines.slice(from)),
];

/** Whether these rows are as many as show that a table begins there, and are numbers, as many in each. */
function areAlike(rows: readonly (readonly string[])[], decimalComma: boolean): boolean {
  return (
    rows.length === HEADER_ROWS &&
    rows.every((words) => words.length === rows[0]!.length) &&
    rows.flat().every((word) => !Number.isNaN(toNumber(word, decimalComma)) || NOT_A_NUMBER.test(word))
  );
}

/**
 * Commas separate columns, unless they stand within numbers that something else separates and no number has a point.
 */
function hasDecimalCommas(lines: readonly string[]): boolean {
  let commas = 0;
  for (const line of lines.slice(0, 2000)) {
    const content = line.trim();
    if (content === '' || COMMENT.test(content) || HAS_WORDS.test(content)) continue;
    const words = content.split(/[\s;]+/).filter((word) => word !== '');
    if (words.some((word) => word.includes('.'))) return false;
    if (words.length > 1 && words.every((word) => WITH_COMMA.test(word) || NUMBER.test(word))) {
      if (words.some((word) => WITH_COMMA.test(word))) commas += 1;
    } else if (content.includes(',')) return false;
  }
  return commas > 0;
}

/**
 * How lines of numbers are split. Where the same sign stands between all cells of all of them an empty cell is one,
 * without a number; else whatever is between two numbers separates them.
 */
function splitterOf(lines: readonly string[], decimalComma: boolean): (line: string) => string[] {
  const written = lines.filter(
    (line) => /\d/.test(line) && !COMMENT.test(line.trim()) && !HAS_WORDS.test(line.replace(/nan|inf/gi, '')),
  );
  const cellsBy = (sign: string) => (line: string) => line.split(sign).map((cell) => cell.trim());
  const body = written.slice(HEADER_ROWS, -1);
  const areCells = (sign: string): boolean => {
    const cells = body.map(cellsBy(sign));
    const width = cells[0]?.length ?? 1;
    if (width < 2 || cells.some((each) => each.length !== width)) return false;
    // Tabs may be doubled to align columns: then no cell is between them.
    if (sign === '\t' && cells[0]!.some((_, k) => cells.every((each) => each[k] === ''))) return false;
    return cells.flat().every((cell) => !/[\s,;]/.test(decimalComma ? cell.replace(',', '.') : cell));
  };
  const sign = [';', ...(decimalComma ? [] : [',']), '\t'].find(areCells);
  if (sign === undefined) {
    const between = decimalComma ? /[\s;]+/ : /[\s,;]+/;
    return (line) => line.split(between).filter((word) => word !== '');
  }
  const cellsOf = cellsBy(sign);
  // A sign behind the last cell of each line makes no cell.
  const closes = body.every((line) => cellsOf(line).at(-1) === '');
  return (line) => (closes ? cellsOf(line).slice(0, -1) : cellsOf(line));
}

function toNumber(word: string, decimalComma: boolean): number {
  const plain = decimalComma ? word.replace(',', '.') : word;
  return NUMBER.test(plain) ? Number(plain.replace(/[dD]/, 'e')) : Number.NaN;
}

import { foldText } from './compare-text.ts';

interface Node {
  next: Map<string, Node>;
  /** The name that ends here. */
  name: string | null;
}

/** Names to be found in texts as whole words, however many there are, in one walk along the text. */
export class NameIndex {
  readonly #root: Node = { next: new Map(), name: null };

  constructor(names: readonly string[]) {
    for (const name of names) this.#add(foldText(name).trim(), name);
  }

  #add(folded: string, name: string): void {
    let node = this.#root;
    for (const unit of folded.split('')) {
      const known = node.next.get(unit);
      const next: Node = known ?? { next: new Map(), name: null };
      if (known === undefined) node.next.set(unit, next);
      node = next;
    }
    node.name ??= name;
  }

  /** The first name in a folded text, and of those that begin there the longest; null without any. */
  find(folded: string): string | null {
    const edges = edgesOf(folded);
    for (const [start, isEdge] of edges.entries()) {
      const found = isEdge ? this.#longestAt(folded, edges, start) : null;
      if (found !== null) return found;
    }
    return null;
  }

  #longestAt(folded: string, edges: readonly boolean[], start: number): string | null {
    let longest: string | null = null;
    let node: Node | undefined = this.#root;
    for (let at = start; at < folded.length; at++) {
      node = node.next.get(folded[at] ?? '');
      if (node === undefined) break;
      if (node.name !== null && edges[at + 1] === true) longest = node.name;
    }
    return longest;
  }
}

/** For each place before, between and after the units of a text, whether a word may begin or end there. */
function edgesOf(text: string): boolean[] {
  const edges = Array<boolean>(text.length + 1).fill(false);
  let before: CharacterKind = 'other';
  let at = 0;
  for (const character of text) {
    const kind = kindOf(character);
    edges[at] = kind !== 'mark' && (kind !== 'letter' || before !== 'letter');
    // A mark belongs to the character that it stands on.
    if (kind !== 'mark') before = kind;
    at += character.length;
  }
  edges[at] = true;
  return edges;
}

type CharacterKind = 'letter' | 'unspaced' | 'mark' | 'other';

/** Scripts whose words follow each other without a blank. */
const unspaced =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]/u;
const kinds = new Map<string, CharacterKind>();

function kindOf(character: string): CharacterKind {
  const known = kinds.get(character);
  if (known !== undefined) return known;
  const kind = classify(character);
  kinds.set(character, kind);
  return kind;
}

function classify(character: string): CharacterKind {
  if (/\p{M}/u.test(character)) return 'mark';
  if (!/[\p{L}\p{N}]/u.test(character)) return 'other';
  return unspaced.test(character) ? 'unspaced' : 'letter';
}

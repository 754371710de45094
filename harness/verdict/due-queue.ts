/** Entries of the heap beside one for each item: below this, those that no longer hold are not worth a look. */
const SLACK = 64;

interface Entry<T> {
  readonly item: T;
  readonly dueUs: number;
}

/**
 * The deadlines of many items, of which each has one at a time and changes it often: the earliest is known at once, and
 * those that have passed are found without a look at the others. A binary heap; an entry whose item has another
 * deadline by now stays until it comes up.
 */
export class DueQueue<T> {
  readonly #dueUs = new Map<T, number>();
  #heap: Entry<T>[] = [];
  /** The earliest deadline, or one before it; Infinity without one. */
  earliestUs = Infinity;

  /** Sets an item's deadline, capture time; Infinity for none. */
  set(item: T, dueUs: number): void {
    if ((this.#dueUs.get(item) ?? Infinity) === dueUs) return;
    if (dueUs === Infinity) {
      this.#dueUs.delete(item);
      return;
    }
    this.#dueUs.set(item, dueUs);
    if (this.#heap.length > 2 * this.#dueUs.size + SLACK) this.#rebuild();
    else this.#push({ item, dueUs });
    this.earliestUs = this.#heap[0]?.dueUs ?? Infinity;
  }

  /** Takes out the items whose deadline lies before a moment. */
  takeBefore(atUs: number): T[] {
    const taken: T[] = [];
    for (let first = this.#heap[0]; first !== undefined && first.dueUs < atUs; first = this.#heap[0]) {
      this.#dropFirst();
      if (this.#dueUs.get(first.item) !== first.dueUs) continue;
      this.#dueUs.delete(first.item);
      taken.push(first.item);
    }
    this.earliestUs = this.#heap[0]?.dueUs ?? Infinity;
    return taken;
  }

  #rebuild(): void {
    this.#heap = [...this.#dueUs]
      .map(([item, dueUs]) => ({ item, dueUs }))
      .sort((one, other) => one.dueUs - other.dueUs);
  }

  #push(entry: Entry<T>): void {
    let at = this.#heap.length;
    for (; at > 0; at = (at - 1) >> 1) {
      const parent = this.#heap[(at - 1) >> 1];
      if (!parent || parent.dueUs <= entry.dueUs) break;
      this.#heap[at] = parent;
    }
    this.#heap[at] = entry;
  }

  #dropFirst(): void {
    const last = this.#heap.pop();
    if (!last || this.#heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      const lesser = (this.#heap[right]?.dueUs ?? Infinity) < (this.#heap[left]?.dueUs ?? Infinity) ? right : left;
      const child = this.#heap[lesser];
      if (!child || child.dueUs >= last.dueUs) break;
      this.#heap[at] = child;
      at = lesser;
    }
    this.#heap[at] = last;
  }
}

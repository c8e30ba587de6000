/**
 * Where a device keeps questions on their way: in IndexedDB, shared by all its pages; what that does not take, in
 * memory for as long as the page is open. Knows no link.
 *
 * @typedef {import("../state/outbox.js").Entry} Entry
 * @typedef {{
 *   all: () => Promise<Entry[]>,
 *   change: (key: string, how: (entry: Entry | undefined) => Entry | null) => Promise<Entry | null>,
 *   keeps: () => boolean,
 * }} Store `change`: atomic, also between pages; null takes the entry out. `keeps`: all there is outlives the page
 */

const NAME = 'liveroom';
const TABLE = 'outbox';
/** A browser that gives neither a database nor an error must not keep a question from being sent. */
const PATIENCE = 3000;

/** @param {() => IDBFactory} factory it may throw: some browsers allow none @param {() => void} onOthers another page changed something @returns {Store} */
export function openStore(factory, onOthers) {
  /** @type {Map<string, Entry | null>} What the device did not take, or not let go of (null). */
  const unkept = new Map();
  /** @type {Promise<IDBDatabase> | null} */
  let opening = null;
  const others = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(`${NAME}-${TABLE}`);
  if (others) others.onmessage = onOthers;

  function database() {
    opening ??= within(PATIENCE, open(factory));
    opening.then(
      (opened) => (opened.onclose = opened.onversionchange = () => forget(opened)),
      () => (opening = null),
    );
    return opening;
  }

  /** @param {IDBDatabase} opened */
  function forget(opened) {
    opened.close();
    opening = null;
  }

  /** @returns {Promise<Entry[]>} */
  async function kept() {
    const read = (await database()).transaction(TABLE).objectStore(TABLE).getAll();
    return await new Promise((resolve, reject) => {
      read.onsuccess = () => resolve(read.result);
      read.onerror = () => reject(read.error);
    });
  }

  /** @type {Store["all"]} */
  const all = async () => {
    const found = await kept().catch(() => /** @type {Entry[]} */ ([]));
    const here = [...unkept.values()].filter((entry) => entry !== null);
    return [...found.filter((entry) => !unkept.has(entry.key)), ...here];
  };

  /** @type {Store["change"]} */
  const change = async (key, how) => {
    if (!unkept.has(key)) {
      try {
        const after = await changeIn(await database(), key, how);
        others?.postMessage(key);
        return after;
      } catch {
        // Kept here from now on.
      }
    }
    const before = unkept.has(key) ? unkept.get(key) : (await all()).find((entry) => entry.key === key);
    const after = how(before ?? undefined);
    unkept.set(key, after);
    return after;
  };

  return { all, change, keeps: () => [...unkept.values()].every((entry) => entry === null) };
}

/** @param {() => IDBFactory} factory @returns {Promise<IDBDatabase>} */
function open(factory) {
  return new Promise((resolve, reject) => {
    const asked = factory().open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(TABLE, { keyPath: 'key' });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

/**
 * Read and write in one transaction: no other page comes between the two.
 * @param {IDBDatabase} database @param {string} key @param {(entry: Entry | undefined) => Entry | null} how
 * @returns {Promise<Entry | null>}
 */
function changeIn(database, key, how) {
  return new Promise((resolve, reject) => {
    // On the disk before it counts as kept: a phone whose battery ends has the question, too.
    const transaction = database.transaction(TABLE, 'readwrite', { durability: 'strict' });
    const table = transaction.objectStore(TABLE);
    /** @type {Entry | null} */
    let after = null;
    const read = table.get(key);
    read.onsuccess = () => {
      try {
        after = how(read.result);
        if (after === null) table.delete(key);
        else table.put(after);
      } catch (error) {
        reject(error);
        transaction.abort();
      }
    };
    transaction.oncomplete = () => resolve(after);
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}

/** @template T @param {number} milliseconds @param {Promise<T>} promise @returns {Promise<T>} */
function within(milliseconds, promise) {
  return Promise.race([promise, new Promise((_, reject) => setTimeout(reject, milliseconds))]);
}

// Follows views of a Millrace hub, and keeps their rows. For browsers, and for Node.js 22 or later. No dependencies.
//
//   import {MillraceLive} from "./millrace-live.js";
//   const live = new MillraceLive("https://erp-views.example.com", {key: "mr_…"});
//   const stock = live.follow({view: "stock_on_hand", filter: ["tenant_id.eq.1"]}, change => {
//     console.log(change.lsn, stock.rows.size, change.upserts, change.deletes);
//   });

const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 30_000;
const REFUSED = 4401;

/** A gateway that says nothing for so long is away: it tells of each view every 15 seconds at least. */
const SILENT = 60_000;

/** One connection, which is made again whenever it breaks off; each view goes on where it was. */
export class MillraceLive {
  #address;
  #key;
  #WebSocket;
  #socket = null;
  #views = new Map();
  #ids = 0;
  #pause = FIRST_PAUSE;
  #timer = null;
  #closed = false;
  #heardAt = Date.now();
  #watch = setInterval(() => this.#requireSound(), 5_000);

  /**
   * @param {string} hub such as http://127.0.0.1:8080
   * @param {{key?: string, WebSocket?: typeof WebSocket}} options key: with the permission views:read; without it, the page's session counts
   */
  constructor(hub, options = {}) {
    this.#address = hub.replace(/^http/, "ws").replace(/\/$/, "") + "/api/v1/live";
    this.#key = options.key;
    this.#WebSocket = options.WebSocket ?? globalThis.WebSocket;
    this.#open();
  }

  /**
   * @param {{view: string, columns?: string[], filter?: string[], numbers?: "string"|"number", every?: string}} request
   * @param {(change: {reset: boolean, lsn: string, committedAt: string, upserts: Map<string, object>, deletes: Set<string>}) => void} onChange
   *   is told of each change, after the rows have it
   * @param {(problem: {type: string, detail: string, remedy: string}, ended: boolean) => void} onProblem
   * @returns {LiveView}
   */
  follow(request, onChange = () => {}, onProblem = () => {}) {
    const view = new LiveView(String(++this.#ids), request, onChange, onProblem);
    this.#views.set(view.id, view);
    this.#subscribe(view);
    return view;
  }

  /** Its rows stay as they are. @param {LiveView} view */
  leave(view) {
    this.#views.delete(view.id);
    this.#send({type: "unsubscribe", id: view.id});
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearInterval(this.#watch);
    this.#socket?.close(1000);
  }

  #open() {
    const socket = new this.#WebSocket(this.#address);
    this.#socket = socket;
    this.#heardAt = Date.now();
    socket.onopen = () => {
      if (this.#key !== undefined) {
        this.#send({type: "key", key: this.#key});
      }
      this.#views.forEach(view => this.#subscribe(view));
    };
    socket.onmessage = event => this.#received(JSON.parse(event.data));
    socket.onclose = event => this.#lost(socket, event);
  }

  #send(message) {
    if (this.#socket?.readyState === 1) {
      this.#socket.send(JSON.stringify(message));
    }
  }

  #subscribe(view) {
    this.#send({...view.request, ...view.resume(), type: "subscribe", id: view.id, to: "view"});
  }

  #requireSound() {
    const socket = this.#socket;
    if (socket !== null && this.#views.size > 0 && Date.now() - this.#heardAt > SILENT) {
      socket.close();
      this.#lost(socket, {code: 0, reason: "it says nothing"});
    }
  }

  #received(message) {
    this.#heardAt = Date.now();
    this.#pause = FIRST_PAUSE;
    const view = this.#views.get(message.id);
    if (view === undefined) {
      return;
    }
    if (message.type === "problem") {
      if (message.ended) {
        this.#views.delete(view.id);
      }
      view.trouble(message.problem, message.ended);
    } else if (!view.take(message)) {
      // A message is missing: the view is read anew.
      this.#send({type: "unsubscribe", id: view.id});
      this.#subscribe(view);
    }
  }

  #lost(socket, event) {
    if (socket !== this.#socket || this.#closed) {
      return;
    }
    this.#socket = null;
    const ended = event.code === REFUSED;
    const problem = ended
      ? {type: "urn:millrace:problem:bad-key", detail: event.reason, remedy: "create another key: millrace keys create"}
      : {type: "urn:millrace:problem:unavailable", detail: `the gateway is away: ${event.reason || event.code}`, remedy: "wait: the client connects again by itself"};
    this.#views.forEach(view => view.trouble(problem, ended));
    if (ended) {
      this.#views.clear();
      clearInterval(this.#watch);
      return;
    }
    this.#timer = setTimeout(() => this.#open(), Math.random() * this.#pause);
    this.#pause = Math.min(LONGEST_PAUSE, this.#pause * 2);
  }
}

/** Rows of a view, which are kept as they are at the source. */
class LiveView {
  #onChange;
  #onProblem;
  #upserts = new Map();
  #deletes = new Set();
  #reset = false;
  #generation = "";

  /** Rows by key, of one state. @type {Map<string, object>} */
  rows = new Map();
  /** Position that the rows are the result of; null before the first state. @type {string|null} */
  lsn = null;
  /** Commit time of the newest transaction in the rows. @type {string|null} */
  committedAt = null;
  /** Input rows that are kept out of the view because an expression fails on them. */
  excludedRows = 0;
  /** What is wrong now; null if nothing is. */
  problem = null;

  constructor(id, request, onChange, onProblem) {
    this.id = id;
    this.request = request;
    this.#onChange = onChange;
    this.#onProblem = onProblem;
  }

  /** Where to go on. */
  resume() {
    return this.lsn === null ? {} : {after: this.lsn, generation: this.#generation};
  }

  /** Takes a message; returns whether it follows on the one before. */
  take(message) {
    if (message.type === "begin") {
      this.#generation = message.generation;
      this.#reset = !message.resumed;
      this.#upserts.clear();
      this.#deletes.clear();
      return true;
    }
    if (message.type !== "rows" && message.type !== "progress") {
      return true;
    }
    if (!this.#reset && message.from !== this.lsn) {
      this.lsn = null;
      return false;
    }
    this.problem = null;
    for (const {key, row} of message.upserts ?? []) {
      this.#upserts.set(key, row);
      this.#deletes.delete(key);
    }
    for (const key of message.deletes ?? []) {
      this.#upserts.delete(key);
      this.#deletes.add(key);
    }
    if (message.type === "progress" || message.consistent) {
      this.#apply(message);
    }
    return true;
  }

  #apply(message) {
    if (this.#reset) {
      this.rows.clear();
    }
    this.#upserts.forEach((row, key) => this.rows.set(key, row));
    this.#deletes.forEach(key => this.rows.delete(key));
    this.lsn = message.lsn;
    this.committedAt = message.committedAt;
    this.excludedRows = message.excludedRows ?? this.excludedRows;
    const change = {
      reset: this.#reset,
      lsn: message.lsn,
      committedAt: message.committedAt,
      upserts: new Map(this.#upserts),
      deletes: new Set(this.#deletes),
    };
    this.#reset = false;
    this.#upserts.clear();
    this.#deletes.clear();
    this.#onChange(change);
  }

  trouble(problem, ended) {
    this.problem = problem;
    this.#onProblem(problem, ended);
  }
}

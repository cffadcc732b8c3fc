const OPEN_KEY = 'nestcast-figures-open';
const KEPT = 60;
const SPARK_HEIGHT = 28;
const panel = document.querySelector('#figures');
const state = document.querySelector('#figures-state');
const nodeName = document.querySelector('#node-name');
const allNodes = document.querySelector('#all-nodes');
const allConnections = document.querySelector('#all-connections');
const number = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const upToAThousand = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

/** How each figure is written, and whether it has a curve. */
const FIGURES = {
  connections: { text: (value) => number.format(value), curve: true },
  eventsPerSecond: { text: (value) => number.format(value), curve: true },
  bytesPerSecond: { text: (value) => bytes(value), curve: true },
  memoryBytes: { text: (value) => bytes(value), curve: true },
  users: { text: (value) => number.format(value) },
  channels: { text: (value) => number.format(value) },
  lagging: { text: (value) => number.format(value) },
  refusals: { text: (value) => number.format(value) },
  eventLoopDelayMs: { text: (value) => `${number.format(value)} ms` },
};

/**
 * The section with the node's live figures. They are sent only while it is open: `onToggle(open)` is called when that
 * changes, and not for how it is at the beginning, which is as it was left.
 */
export class FiguresPanel {
  #history = new Map(Object.keys(FIGURES).map((name) => [name, []]));

  constructor(onToggle) {
    panel.open = localStorage.getItem(OPEN_KEY) === 'true';
    let { open } = panel;
    panel.addEventListener('toggle', () => {
      if (panel.open !== open) {
        open = panel.open;
        localStorage.setItem(OPEN_KEY, String(open));
        this.clear();
        onToggle(open);
      }
    });
    this.clear();
  }

  get open() {
    return panel.open;
  }

  show(figures) {
    panel.dataset.state = figures.underPressure ? 'pressure' : 'live';
    state.textContent = figures.underPressure ? 'Under pressure' : 'Live';
    this.#showAll(figures.all);
    for (const [name, { text, curve }] of Object.entries(FIGURES)) {
      panel.querySelector(`[data-figure="${name}"]`).textContent = text(figures[name]);
      if (curve) {
        const values = this.#history.get(name);
        values.push(figures[name]);
        values.splice(0, values.length - KEPT);
        draw(panel.querySelector(`[data-curve="${name}"]`), values);
      }
    }
  }

  /** Which of several nodes it is whose figures these are. Another one begins anew. */
  servedBy(name) {
    if (nodeName.textContent !== name) {
      this.clear();
    }
    nodeName.textContent = name;
    nodeName.hidden = false;
  }

  /** @param all of all nodes; `undefined` where there is one */
  #showAll(all) {
    panel.querySelectorAll('[data-all-nodes]').forEach((figure) => {
      figure.hidden = all === undefined;
    });
    if (all !== undefined) {
      allNodes.textContent = number.format(all.nodes);
      allConnections.textContent = number.format(all.connections);
    }
  }

  /** What is shown is no longer what is. */
  stale() {
    if (panel.dataset.state !== 'waiting') {
      panel.dataset.state = 'stale';
      state.textContent = 'Paused';
    }
  }

  clear() {
    panel.dataset.state = 'waiting';
    state.textContent = panel.open ? 'Waiting' : 'Connections and rates';
    this.#history.forEach((values) => values.splice(0));
    panel.querySelectorAll('[data-figure]').forEach((figure) => {
      figure.textContent = '–';
    });
    panel.querySelectorAll('[data-curve]').forEach((curve) => draw(curve, []));
  }
}

/** The newest at the right edge; the scale begins at nothing, so that a small change looks small. */
function draw(curve, values) {
  const highest = Math.max(1, ...values) * 1.15;
  const points = values.map((value, index) => {
    const x = KEPT - values.length + index;
    const y = SPARK_HEIGHT - 1 - (value / highest) * (SPARK_HEIGHT - 2);
    return `${x},${y.toFixed(2)}`;
  });
  const first = KEPT - values.length;
  curve.querySelector('polyline').setAttribute('points', points.join(' '));
  curve
    .querySelector('polygon')
    .setAttribute(
      'points',
      points.length > 1 ? `${first},${SPARK_HEIGHT} ${points.join(' ')} ${KEPT - 1},${SPARK_HEIGHT}` : '',
    );
}

function bytes(value) {
  const units = ['B', 'KB', 'MB', 'GB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log(Math.max(1, value)) / Math.log(1_000)));
  return `${upToAThousand.format(value / 1_000 ** power)} ${units[power]}`;
}

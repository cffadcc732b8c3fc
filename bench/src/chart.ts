import { figure } from './figure.js';
import { type PeerName, peerTitles } from './peers/peers.js';

/** Bars side by side, a group for each workload. */
export interface Group {
  readonly title: string;
  readonly bars: readonly { readonly peer: PeerName; readonly value: number }[];
}

const WIDTH = 860;
const LABEL_WIDTH = 190;
const VALUE_WIDTH = 60;
const BAR = 18;
const GAP = 5;
const GROUP_HEAD = 40;
const TOP = 62;
const PLOT = WIDTH - LABEL_WIDTH - VALUE_WIDTH - 24;

/** Readable on light and on dark: the picture brings its own background. */
const STYLE = `
  .paper { fill: #ffffff } .value { stroke: #ffffff } .ink { fill: #1f2328 } .faint { fill: #59636e } .rule { stroke: #d1d9e0 }
  .peer { fill: #8c959f } .node { fill: #57606a } .nestcast { fill: #0969da }
  text { font: 13px system-ui, -apple-system, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif }
  .value { stroke-width: 4px; paint-order: stroke }
  .title { font-size: 16px; font-weight: 600 } .group { font-weight: 600 }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #0d1117 } .value { stroke: #0d1117 } .ink { fill: #f0f6fc } .faint { fill: #9198a1 } .rule { stroke: #3d444d }
    .peer { fill: #6e7681 } .node { fill: #9198a1 } .nestcast { fill: #4493f8 }
  }`;

/** Horizontal bars on a logarithmic scale, as an SVG that needs nothing else. */
export function chart(title: string, subtitle: string, groups: readonly Group[]): string {
  const values = groups.flatMap((group) => group.bars.map((bar) => bar.value));
  const low = 10 ** Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(...values);
  const x = (value: number): number => (PLOT * Math.log(value / low)) / Math.log(high / low);
  let y = TOP;
  const body: string[] = [];
  for (const group of groups) {
    body.push(text(16, y + 24, group.title, 'ink group'));
    y += GROUP_HEAD;
    for (const { peer, value } of group.bars) {
      body.push(
        text(LABEL_WIDTH + 8, y + 13.5, peerTitles[peer], 'ink', 'end'),
        `<rect class="${kindOf(peer)}" x="${LABEL_WIDTH + 16}" y="${y}" width="${Math.max(1, x(value)).toFixed(1)}" height="${BAR}" rx="2"/>`,
        text(LABEL_WIDTH + 22 + x(value), y + 13.5, figure(value), 'faint value'),
      );
      y += BAR + GAP;
    }
  }
  const height = y + 36;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escaped(title)}">
<style>${STYLE}
</style>
<rect class="paper" width="${WIDTH}" height="${height}" rx="6"/>
${text(16, 28, title, 'ink title')}
${text(16, 50, subtitle, 'faint')}
${grid(low, high, x, height)}
${body.join('\n')}
</svg>
`;
}

/** A line for each power of ten. */
function grid(low: number, high: number, x: (value: number) => number, height: number): string {
  const lines: string[] = [];
  for (let power = Math.round(Math.log10(low)); 10 ** power <= high; power += 1) {
    const value = Number(`1e${power}`);
    const at = (LABEL_WIDTH + 16 + x(value)).toFixed(1);
    lines.push(
      `<line class="rule" x1="${at}" x2="${at}" y1="${TOP + 8}" y2="${height - 26}"/>`,
      text(Number(at), height - 10, String(value), 'faint', 'middle'),
    );
  }
  return lines.join('\n');
}

function kindOf(peer: PeerName): string {
  return peer.startsWith('nestcast') ? 'nestcast' : peer.startsWith('raw') ? 'node' : 'peer';
}

function text(x: number, y: number, content: string, kind: string, anchor = 'start'): string {
  return `<text class="${kind}" x="${x.toFixed(1)}" y="${y}" text-anchor="${anchor}">${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

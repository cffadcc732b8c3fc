import type { NodeFigures } from '../../src/operations/node-figures.js';
import type { Percentiles } from '../../src/operations/percentiles.js';
import { Badge } from '../ui/badge.js';
import { Card } from '../ui/card.js';
import { NONE, bytesText, durationText, numberText, shareText } from './figure-text.js';
import { WideTable } from './wide-table.js';

const columns: readonly (readonly [name: string, text: (node: NodeFigures) => string])[] = [
  ['Connections', ({ connections }) => numberText(connections)],
  ['People', ({ users }) => numberText(users)],
  ['Channels', ({ channels }) => numberText(channels)],
  ['Delivered/s', ({ deliveredPerSecond }) => numberText(deliveredPerSecond)],
  ['Sent/s', ({ bytesPerSecond }) => bytesText(bytesPerSecond)],
  ['Slow', ({ lagging }) => numberText(lagging)],
  ['Gaps', ({ gaps }) => numberText(gaps)],
  ['Deliver 50 / 95 / 99', ({ publishMs }) => percentilesText(publishMs)],
  ['Open 50 / 95 / 99', ({ openMs }) => percentilesText(openMs)],
  ['Loop delay', ({ eventLoopDelayMs }) => durationText(eventLoopDelayMs)],
  ['Processor', ({ processorShare }) => shareText(processorShare)],
  ['Memory', ({ memoryBytes }) => bytesText(memoryBytes)],
];

export function NodesTable({ nodes }: { readonly nodes: readonly NodeFigures[] }) {
  return (
    <Card title="Servers">
      <WideTable label="Servers, one a line">
        <thead>
          <tr>
            <th scope="col">Server</th>
            {columns.map(([name]) => (
              <th key={name} scope="col" className="table-number">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {nodes.map((node) => (
            <tr key={node.node.id}>
              <th scope="row">
                <span className="row">
                  {node.node.name}
                  {node.underPressure && <Badge tone="danger">Too busy</Badge>}
                </span>
              </th>
              {columns.map(([name, text]) => (
                <td key={name} className="table-number">
                  {text(node)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </WideTable>
    </Card>
  );
}

function percentilesText(percentiles: Percentiles | null): string {
  return percentiles
    ? `${[percentiles.p50, percentiles.p95, percentiles.p99].map((ms) => numberText(ms)).join(' / ')} ms`
    : NONE;
}

import type { OpenConnection } from '../../src/operations/operations-events.js';
import { Badge } from '../ui/badge.js';
import { Time } from '../ui/time.js';
import { bytesText, numberText } from './figure-text.js';
import { WideTable } from './wide-table.js';

export function ConnectionsTable({ connections }: { readonly connections: readonly OpenConnection[] }) {
  return (
    <WideTable label="Open streams">
      <thead>
        <tr>
          <th scope="col">Server</th>
          <th scope="col">Channels</th>
          <th scope="col">Opened</th>
          <th scope="col" className="table-number">
            Events
          </th>
          <th scope="col" className="table-number">
            Sent
          </th>
        </tr>
      </thead>
      <tbody>
        {connections.map(({ id, node, channels, openedAt, messages, bytes, lagging }) => (
          <tr key={id}>
            <th scope="row">{node}</th>
            <td>
              <span className="row">
                <span className="mono">{channels.join(', ')}</span>
                {lagging && <Badge tone="warning">Reads too slowly</Badge>}
              </span>
            </td>
            <td>
              <Time date={openedAt} />
            </td>
            <td className="table-number">{numberText(messages)}</td>
            <td className="table-number">{bytesText(bytes)}</td>
          </tr>
        ))}
      </tbody>
    </WideTable>
  );
}

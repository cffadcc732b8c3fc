import { LeaseNode } from './lease-node.js';

// A node in a process of its own: holds as many slots as its arguments say until it is killed.
const [url = '', key = '', count = '', leaseMs = ''] = process.argv.slice(2);
const { leases } = new LeaseNode(url, Number(leaseMs));
for (let held = 0; held < Number(count); held += 1) {
  await leases.take([{ key, limit: 'limit', max: Number(count) }]);
}
process.send?.('held');

import { BlockList, isIP } from 'node:net';

const NAMED_RANGES = ['loopback', 'linklocal', 'uniquelocal'];
const MOST_HOPS = 16;

/**
 * Reads the TRUST_PROXY variable: which proxies may tell the client's address by X-Forwarded-For. Either how many there
 * are in front, or their addresses, subnets, and Express's named ranges, separated by commas. `false` where it isn't set:
 * then the address is that of the TCP connection. `true` isn't taken, because every client could choose its address.
 *
 * @throws Error when it is set to anything else
 */
export function parseTrustProxy(value: string | undefined): number | string[] | false {
  if (value === undefined || value === '' || value === '0') {
    return false;
  }
  if (/^\d+$/.test(value) && Number(value) <= MOST_HOPS) {
    return Number(value);
  }
  const parts = value.split(',').map((part) => part.trim());
  if (!parts.every((part) => NAMED_RANGES.includes(part) || isAddressOrSubnet(part))) {
    throw new Error(
      `TRUST_PROXY must be how many proxies are in front (0 to ${MOST_HOPS}), or their addresses, subnets or ` +
        `${NAMED_RANGES.join(', ')}, separated by commas, but it is ${JSON.stringify(value)}.`,
    );
  }
  return parts;
}

function isAddressOrSubnet(part: string): boolean {
  const [address = '', prefix, ...rest] = part.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0 || prefix === undefined) {
    return version !== 0 && rest.length === 0;
  }
  try {
    new BlockList().addSubnet(address, /^\d+$/.test(prefix) ? Number(prefix) : NaN, `ipv${version as 4 | 6}`);
    return true;
  } catch {
    // The only thing that can be wrong by now is the prefix's length.
    return false;
  }
}

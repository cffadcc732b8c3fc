import { Transform } from 'node:stream';
import * as zlib from 'node:zlib';

/**
 * A stream that undoes a Content-Encoding and hands out at once what a flush of the sender completed; `undefined` for
 * an identity body.
 *
 * @throws Error for an encoding that this Node.js can't undo
 */
export function contentDecoder(encoding: string | undefined): Transform | undefined {
  switch (encoding) {
    case undefined:
    case 'identity':
      return undefined;
    case 'gzip':
      // A stream that was cut has no trailer; with this flush its end is no error.
      return zlib.createGunzip({ finishFlush: zlib.constants.Z_SYNC_FLUSH });
    case 'deflate':
      return zlib.createInflate({ finishFlush: zlib.constants.Z_SYNC_FLUSH });
    case 'br':
      return zlib.createBrotliDecompress({ finishFlush: zlib.constants.BROTLI_OPERATION_FLUSH });
    case 'zstd':
      return zstdDecoder();
    default:
      throw new Error(
        `The response has the content encoding "${encoding}", which this test client can't undo.`,
      );
  }
}

function zstdDecoder(): Transform {
  // Not in the types of Node 20, which the packages are compiled against.
  const create: unknown = Reflect.get(zlib, 'createZstdDecompress');
  if (typeof create !== 'function') {
    throw new Error(
      `The response is zstd, which Node.js ${process.version} can't decode; zstd came with 22.15.`,
    );
  }
  const flush: unknown = Reflect.get(zlib.constants, 'ZSTD_e_flush');
  const decoder: unknown = create({ finishFlush: flush });
  if (!(decoder instanceof Transform)) {
    throw new TypeError('zlib.createZstdDecompress() made no stream.');
  }
  return decoder;
}

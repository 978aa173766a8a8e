/** What keeps this process from ending, a line each; of timers Node tells only that they are. */
export function openHandles() {
  const handles = process._getActiveHandles().filter((handle) => !isStandardStream(handle));
  const timers = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  return [...handles.map(described), ...(timers > 0 ? [`${timers} timers`] : [])];
}

function isStandardStream(handle) {
  return [process.stdin, process.stdout, process.stderr].includes(handle);
}

function described(handle) {
  const kind = handle.constructor.name;
  if (kind === 'ChildProcess') return `process ${handle.pid}: ${handle.spawnargs.join(' ')}`;
  if (kind === 'Server') return `server at ${addressOf(handle.address())}`;
  if (kind === 'Socket' && handle.remoteAddress !== undefined) {
    return `socket from port ${handle.localPort} to ${handle.remoteAddress} port ${handle.remotePort}`;
  }
  return kind === 'Socket' ? 'socket or pipe without an address' : kind;
}

function addressOf(address) {
  return typeof address === 'object' && address !== null
    ? `${address.address} port ${address.port}`
    : `${address}`;
}

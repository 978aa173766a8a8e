import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * An authority of its own in `folder` (ca.pem), which signs a `server` of this machine and a `client`: NAME.pem,
 * NAME.key, and both together in NAME.chain.pem, by openssl.
 */
export function makeCertificates(folder: string): void {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const newKey = (name: string) => ['-newkey', 'rsa:2048', '-nodes', '-keyout', `${name}.key`];
  openssl('req', '-x509', ...newKey('ca'), '-days', '2', '-subj', '/CN=test authority', '-out', 'ca.pem');
  writeFileSync(join(folder, 'names'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
  for (const name of ['server', 'client']) {
    openssl('req', ...newKey(name), '-subj', `/CN=${name}`, '-out', `${name}.csr`);
    const signed = [
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-days',
      '2',
      '-extfile',
      'names',
    ];
    openssl('x509', '-req', '-in', `${name}.csr`, ...signed, '-out', `${name}.pem`);
    const parts = ['key', 'pem'].map((part) => readFileSync(join(folder, `${name}.${part}`), 'utf8'));
    writeFileSync(join(folder, `${name}.chain.pem`), parts.join(''));
  }
}

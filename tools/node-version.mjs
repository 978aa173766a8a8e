// Runs before anything is installed, on any version of Node.
import { readFileSync } from 'node:fs';
import { at } from './steps.mjs';

/** Whether a version is one of `^20.19.0 || ^24.0.0`: of such a major version, and not older. */
export function isNamed(version, range) {
  const [major, minor, patch] = version.split('.').map(Number);
  return range.split(' || ').some((each) => {
    const [ofMajor, ofMinor, ofPatch] = each.replace('^', '').split('.').map(Number);
    return major === ofMajor && (minor > ofMinor || (minor === ofMinor && patch >= ofPatch));
  });
}

/** Throws where package.json does not name the version: what builds the page breaks on older ones without a word. */
export function requireNode(version = process.versions.node) {
  const { engines } = JSON.parse(readFileSync(at('package.json'), 'utf8'));
  if (!isNamed(version, engines.node)) throw new Error(`Expected Node ${engines.node}, got ${version}`);
}

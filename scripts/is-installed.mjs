// Exits with 0 if node_modules holds what package-lock.json says, else with 1.
import { existsSync, readFileSync } from 'node:fs';

const installedFile = 'node_modules/.package-lock.json';
const packagesOf = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;

const wanted = packagesOf('package-lock.json');
const installed = existsSync(installedFile) ? packagesOf(installedFile) : {};
const stale = Object.entries(wanted).filter(
  ([path, { version, optional }]) =>
    path !== '' &&
    installed[path]?.version !== version &&
    // Optional packages are for other platforms, or could not be built here.
    !(optional && installed[path] === undefined),
);
process.exitCode = stale.length === 0 && existsSync(installedFile) ? 0 : 1;

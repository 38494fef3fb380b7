#!/usr/bin/env node
// What `npx bursar` runs. Node strips no types inside node_modules, so tsx reads the program; it is found beside
// this file, wherever the command is called from.
import { register } from 'tsx/esm/api';

register();
await import('./bursar.ts');

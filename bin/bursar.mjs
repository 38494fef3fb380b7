#!/usr/bin/env node
// What `npx bursar` runs. Node strips no types inside node_modules, so tsx reads the program; it is found beside
// this file, wherever the command is called from.
import { register } from 'tsx/esm/api';

// On Node 20 the AWS SDK would say seven lines about its later versions; the one in use is pinned.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
register();
await import('./bursar.ts');

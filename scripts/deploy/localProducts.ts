import path from 'node:path';
import { root } from '../command.ts';

/** The products that a local chain offers: by `npm start`, in tests, in the simulation. */
export const localProductsFile = path.join(root, 'examples/insurance-products.json');

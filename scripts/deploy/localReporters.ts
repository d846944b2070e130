/** The oracle's reporters of a local chain: keys that everybody knows, from Hardhat's public mnemonic. */
import { HDNodeWallet, Mnemonic } from 'ethers';

const MNEMONIC = 'test test test test test test test test test test test junk';
const FIRST_INDEX = 20; // after the 20 accounts that the node has money for
const COUNT = 4;

const root = HDNodeWallet.fromMnemonic(Mnemonic.fromPhrase(MNEMONIC), "m/44'/60'/0'/0");
export const localReporters = Array.from({ length: COUNT }, (_, i) => root.deriveChild(FIRST_INDEX + i));

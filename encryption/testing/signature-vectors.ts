import type { BrowserMarks, SignedTexts } from '../xbogus.ts';
import type { XGnarlyInput } from '../xgnarly.ts';

interface SignatureVector {
  name: string;
  texts: SignedTexts;
  milliseconds: number;
  bogus: BrowserMarks;
  gnarly: BrowserMarks & Pick<XGnarlyInput, 'sdkVersion' | 'fieldOrder'>;
  keyWords: number[];
  xBogus: string;
  xGnarly: string;
}

const linuxChrome =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36';

/** Invented requests, signed by a second implementation that was written in Python for this purpose. */
export const signatureVectors: SignatureVector[] = [
  {
    name: 'a first page',
    texts: {
      query: 'locale=en&oec_seller_id=7495000000000000001&aid=4068',
      body: '{"request":{"filter":{}}}',
      userAgent: linuxChrome,
    },
    milliseconds: 1795000000123,
    bogus: { envcode: 1, ubcode: 14, canvas: 1245783967 },
    gnarly: { envcode: 1, ubcode: 0, canvas: 1508145731, sdkVersion: '5.1.1', fieldOrder: 'zero_last' },
    keyWords: [
      1390851128, 4071050724, 647892279, 1695753998, 2795742288, 207388624, 311111475, 3527346212, 2301595691,
      404285457, 1570621944, 2503055453,
    ],
    xBogus: 'DFSzswVOCjOZzLHqC6bdPGlUrn00',
    xGnarly:
      'MOQlGf716B2wd8h3zrb5E2ol4nq4XMwvrG25SoYllPoELTDMKRu3sSByGFWAGYxaDlQRx4EWXhdJ6kFmgI/2bFLZqDr1RUantteyQ8vW9tPMDxuyQVUG30l/JoC7soI84mv2uhfpSUtJvcfx64WBLJDVkrAhD8OPNADKMUwqit5etEweW2gPduDy3YNk9MTN9iSJScQgn38MFSWjq5/rKczdAUb7lvA1PPg1867tDLlnrj2tfo7WvVpEISZ/Obn2U4U-SpHm5A/6MnIummdIHeqln/dl/5Vy7h0H1dauMHEj',
  },
  {
    name: 'no body, no query',
    texts: { query: '', body: '', userAgent: 'tideline' },
    milliseconds: 1700000000999,
    bogus: { envcode: 1, ubcode: 14, canvas: 1245783967 },
    gnarly: { envcode: 1, ubcode: 0, canvas: 1508145731, sdkVersion: '5.1.1', fieldOrder: 'zero_last' },
    keyWords: [
      249103477, 3907149204, 2179419893, 922121676, 161042648, 369140570, 1862494042, 1796035739, 300026767,
      1033639716, 389609433, 2366729934,
    ],
    xBogus: 'DFSzswVO0IJANxqctmWx-GlUrn85',
    xGnarly:
      'MFgjyx5Og7VcTEYnsueKBArRZjkWsd-/SD73PDx4ySHPqJewfpsCjxKzLnicM8VBP0ZokuRRtowrlbh02vChZIOeiD-MhQd/KFhqC8a1zbCu1LtC1dXdW2zbFZKzsmEGazH2In8CalTAzgWgpBeuS4q2uFcTLuCjlkyQbMZs2t5oaOIsO1/Vl7YGDh4dTiZF6uM/vYISAGsfmvPjNBfGdsiwQXkDmDD1qabCtOniyzHDZec50cP3KUGRQon7dqqZGqKkOrBVlngqWsZQkPsXzuxkEjKSixvsPyFi1s35Zdf2',
  },
  {
    name: 'letters of other scripts',
    texts: { query: 'q=ร้าน', body: '{"q":"Zoë 🛍"}', userAgent: linuxChrome },
    milliseconds: 1799999999001,
    bogus: { envcode: 1, ubcode: 12, canvas: 3000000001 },
    gnarly: { envcode: 1, ubcode: 12, canvas: 3000000001, sdkVersion: '5.1.0', fieldOrder: 'ascending' },
    keyWords: [
      1823296038, 253877686, 3551302831, 2428605135, 531725347, 4069265501, 958804057, 2708517688, 2694805173,
      2503952625, 4070378921, 265695473,
    ],
    xBogus: 'DFSzswVYlZvahfS5CMyXL4t8zPyh',
    xGnarly:
      'MJXFWrWUbD6T6t6EgCTsvbtYPq6g6nvY6ybnWdUVHAs9PdqMg6JRaZKq4nZ1181x02cYEfcYJ8-zTwLe7MoDjpJF5Mb-jxMfRwcMkouldEbdsV9ew4WkglW/f59NYshdG-Sv-xpqto5JwXtptCImyrkFYxguAMC4tWnvyZ7w40GmXNBj26/58s97/X-5IEdMnubcl95y9ttdLmfuvlxpUF5gZh10ugiyBuwOOC201yoZE0BxtnVD6fOWXu9Aj-o3kGpxvYpcfAzd',
  },
  {
    name: 'a time after 2106',
    texts: { query: 'a=1', body: '{}', userAgent: linuxChrome },
    milliseconds: 4294967301123,
    bogus: { envcode: 1025, ubcode: 8, canvas: 70000 },
    gnarly: { envcode: 1025, ubcode: 8, canvas: 70000, sdkVersion: '5.1.0', fieldOrder: 'ascending' },
    keyWords: [
      2478638287, 2514881269, 1703729684, 212984476, 4192983756, 949539216, 200071088, 2390857534, 3687093963,
      571981485, 1243862422, 1800188482,
    ],
    xBogus: 'DFSzKwVuC0DdU6eJLa3g5z9UCWrp',
    xGnarly:
      'M/DqSMYcVCpDnyI/wFqOdaWvYlp3Kw8mEv41tgLY3fJ5sn8E36dEUiZAEJcQhDQDmqDhmwe521XGc6mkWsBPVrRXkDl3YBY/ZAJNEqvMg-7ipzbQkw9U4ybocvugyvBcO2sSffjyVMOS4yeAvxDRGEXxXoxJLeNccmvNVHsHEoKD/7ShEFdmQ5s-0EFXaZj14VXhl3pn/jbeO6jjcotV1tQkCckE-qm0lfip86iYyNnQ4YzlMWDJX3fMEi7Yx460L-fJtpKL',
  },
];

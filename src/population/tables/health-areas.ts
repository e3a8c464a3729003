// England's health geography above the district: NHS regions, integrated care boards, sub-ICB
// locations. Codes and names: Office for National Statistics, NHS England Regions (January 2024),
// Integrated Care Boards and Sub-ICB Locations (April 2023); ODS codes: Organisation Data Service.

/** An NHS region. `gss` is the ONS code, `ods` the organisation's. */
export interface RegionRow {
  readonly gss: string;
  readonly ods: string;
  readonly name: string;
}

/** An integrated care board; `region` is its region's GSS code. */
export interface CareBoardRow extends RegionRow {
  readonly region: string;
}

/** A sub-ICB location; `careBoard` is its board's ODS code. */
export interface SubIcbRow {
  readonly gss: string;
  readonly ods: string;
  readonly careBoard: string;
}

export const regions: readonly RegionRow[] = [
  { gss: 'E40000003', ods: 'Y56', name: 'London' },
  { gss: 'E40000005', ods: 'Y59', name: 'South East' },
  { gss: 'E40000006', ods: 'Y58', name: 'South West' },
  { gss: 'E40000011', ods: 'Y60', name: 'Midlands' },
  { gss: 'E40000012', ods: 'Y63', name: 'North East and Yorkshire' },
  { gss: 'E40000013', ods: 'Y61', name: 'East of England' },
  { gss: 'E40000014', ods: 'Y62', name: 'North West' },
];

// GSS code, ODS code, region, name.
const careBoardLines = `
E54000027 QRV E40000003 North West London
E54000028 QMJ E40000003 North Central London
E54000029 QMF E40000003 North East London
E54000030 QKK E40000003 South East London
E54000031 QWE E40000003 South West London
E54000032 QKS E40000005 Kent and Medway
E54000034 QNQ E40000005 Frimley
E54000042 QRL E40000005 Hampshire and Isle of Wight
E54000044 QU9 E40000005 Buckinghamshire, Oxfordshire and Berkshire West
E54000063 QXU E40000005 Surrey Heartlands
E54000064 QNX E40000005 Sussex
E54000036 QT6 E40000006 Cornwall and the Isles of Scilly
E54000037 QJK E40000006 Devon
E54000038 QSL E40000006 Somerset
E54000039 QUY E40000006 Bristol, North Somerset and South Gloucestershire
E54000040 QOX E40000006 Bath and North East Somerset, Swindon and Wiltshire
E54000041 QVV E40000006 Dorset
E54000043 QR1 E40000006 Gloucestershire
E54000010 QNC E40000011 Staffordshire and Stoke-on-Trent
E54000011 QOC E40000011 Shropshire, Telford and Wrekin
E54000013 QJM E40000011 Lincolnshire
E54000015 QK1 E40000011 Leicester, Leicestershire and Rutland
E54000018 QWU E40000011 Coventry and Warwickshire
E54000019 QGH E40000011 Herefordshire and Worcestershire
E54000055 QHL E40000011 Birmingham and Solihull
E54000058 QJ2 E40000011 Derby and Derbyshire
E54000059 QPM E40000011 Northamptonshire
E54000060 QT1 E40000011 Nottingham and Nottinghamshire
E54000062 QUA E40000011 Black Country
E54000050 QHM E40000012 North East and North Cumbria
E54000051 QOQ E40000012 Humber and North Yorkshire
E54000054 QWO E40000012 West Yorkshire
E54000061 QF7 E40000012 South Yorkshire
E54000022 QMM E40000013 Norfolk and Waveney
E54000023 QJG E40000013 Suffolk and North East Essex
E54000024 QHG E40000013 Bedfordshire, Luton and Milton Keynes
E54000025 QM7 E40000013 Hertfordshire and West Essex
E54000026 QH8 E40000013 Mid and South Essex
E54000056 QUE E40000013 Cambridgeshire and Peterborough
E54000008 QYG E40000014 Cheshire and Merseyside
E54000048 QE1 E40000014 Lancashire and South Cumbria
E54000057 QOP E40000014 Greater Manchester
`;

// GSS code, ODS code, care board.
const subIcbLines = `
E38000006 02P QF7
E38000007 99E QH8
E38000008 02Q QT1
E38000014 00Q QE1
E38000015 00R QE1
E38000016 00T QOP
E38000021 09D QNX
E38000024 00V QOP
E38000025 02T QWO
E38000028 04Y QNC
E38000030 99F QH8
E38000034 00X QE1
E38000044 02X QF7
E38000045 11J QVV
E38000049 06K QM7
E38000050 01A QE1
E38000051 03W QK1
E38000052 02Y QOQ
E38000053 05D QNC
E38000062 11M QR1
E38000068 01F QYG
E38000079 06N QM7
E38000080 01D QOP
E38000085 03F QOQ
E38000086 06L QJG
E38000089 11N QT6
E38000091 01J QYG
E38000097 04C QK1
E38000101 99A QYG
E38000106 06Q QH8
E38000117 06T QJG
E38000119 03H QOQ
E38000122 03K QOQ
E38000126 05G QNC
E38000127 99C QHM
E38000130 00L QHM
E38000135 00Y QOP
E38000136 10Q QU9
E38000137 10R QRL
E38000141 03L QF7
E38000143 01G QOP
E38000146 03N QF7
E38000150 11X QSL
E38000153 05Q QNC
E38000161 01T QYG
E38000163 00N QHM
E38000168 99G QH8
E38000170 01V QYG
E38000172 01X QYG
E38000173 05V QNC
E38000174 01W QOP
E38000175 05W QNC
E38000176 00P QHM
E38000185 07G QH8
E38000187 02A QOP
E38000188 03Q QOQ
E38000190 03R QWO
E38000194 02E QYG
E38000197 07H QM7
E38000200 02G QE1
E38000201 04V QK1
E38000204 07K QJG
E38000205 02H QOP
E38000208 12F QYG
E38000212 13T QHM
E38000215 01H QHM
E38000217 14L QOP
E38000221 15A QU9
E38000222 15C QUY
E38000223 14Y QU9
E38000225 15F QWO
E38000226 02M QE1
E38000227 01E QE1
E38000228 01K QE1
E38000230 15N QJK
E38000231 92G QOX
E38000232 36J QWO
E38000233 27D QYG
E38000234 84H QHM
E38000235 97R QNX
E38000236 18C QGH
E38000237 91Q QKS
E38000238 71E QJM
E38000239 26A QMM
E38000240 93C QMJ
E38000241 42D QOQ
E38000243 52R QT1
E38000244 72Q QKK
E38000245 36L QWE
E38000247 16C QHM
E38000249 M1J4Y QHG
E38000251 B2M3M QWU
E38000252 D4U1Y QNQ
E38000253 D9Y0V QRL
E38000254 X2C4Y QWO
E38000255 A3A8R QMF
E38000256 W2U3Z QRV
E38000257 M2L0M QOC
E38000258 15E QHL
E38000259 D2P2L QUA
E38000260 06H QUE
E38000261 15M QJ2
E38000262 78H QPM
E38000263 01Y QOP
E38000264 92A QXU
E38000265 70F QNX
`;

export const careBoards: readonly CareBoardRow[] = rows(careBoardLines).map((line) => {
  const [gss = '', ods = '', region = '', ...words] = line.split(' ');
  return { gss, ods, region, name: words.join(' ') };
});

export const subIcbs: readonly SubIcbRow[] = rows(subIcbLines).map((line) => {
  const [gss = '', ods = '', careBoard = ''] = line.split(' ');
  return { gss, ods, careBoard };
});

function rows(lines: string): readonly string[] {
  return lines.trim().split('\n');
}

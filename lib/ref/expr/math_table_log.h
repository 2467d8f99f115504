/* SPDX-License-Identifier: MIT */
/*
 * [BASE, 2·BASE) in intervals of equal length by the bits of a float, of which one is about 1; printed by tools/gen/tables.py.
 * Row 0: a number c near the reciprocals of the interval, 1 about 1; rows 1 and 2: -log2(c) as a sum, row 1 short
 * enough for an exponent to be added exactly; rows 3 and 4, 5 and 6: the same of log and log10 for the high part of k·log(2).
 * LOG2, for pow, is the same with more intervals of f64.
 * No include guard: included once per vocabulary, by expr/math_f32.h.
 */

#define LOG_BASE_f32 0x1.78p-1f
#define LOG_BITS_f32 4

static const ef32 LOG_TABLE_f32[7][16] = {
	{
		0x1.58p+0f, 0x1.48p+0f, 0x1.38p+0f, 0x1.3p+0f,
		0x1.28p+0f, 0x1.18p+0f, 0x1.1p+0f, 0x1.08p+0f,
		0x1.0p+0f, 0x1.fp-1f, 0x1.dp-1f, 0x1.bp-1f,
		0x1.98p-1f, 0x1.88p-1f, 0x1.78p-1f, 0x1.68p-1f,
	},
	{
		-0x1.b48p-2f, -0x1.6e2p-2f, -0x1.244p-2f, -0x1.fbcp-3f,
		-0x1.acfp-3f, -0x1.08cp-3f, -0x1.664p-4f, -0x1.6bcp-5f,
		0.0f, 0x1.774p-5f, 0x1.22ep-3f, 0x1.f6p-3f,
		0x1.4f7p-2f, 0x1.8a88p-2f, 0x1.c818p-2f, 0x1.042cp-1f,
	},
	{
		0x1.408c78p-18f, -0x1.0e6ce8p-17f, -0x1.eac382p-20f, -0x1.6b9026p-19f,
		-0x1.78b6d4p-17f, -0x1.62336ap-17f, 0x1.20a6dep-21f, 0x1.2c8a72p-17f,
		0.0f, -0x1.acd89ap-19f, -0x1.48f554p-17f, -0x1.3ab7cep-18f,
		-0x1.134c4ep-20f, 0x1.80abfcp-18f, 0x1.dc2d46p-18f, -0x1.5a32c2p-20f,
	},
	{
		-0x1.2e9p-2f, -0x1.fb9p-3f, -0x1.9528p-3f, -0x1.5ffp-3f,
		-0x1.2958p-3f, -0x1.6f1p-4f, -0x1.f0ap-5f, -0x1.f84p-6f,
		0.0f, 0x1.042p-5f, 0x1.933p-4f, 0x1.5bf8p-3f,
		0x1.d1p-3f, 0x1.1178p-2f, 0x1.3c24p-2f, 0x1.68acp-2f,
	},
	{
		0x1.d451eep-18f, -0x1.86d5e4p-19f, 0x1.2b185ep-18f, -0x1.83853cp-18f,
		0x1.683fp-18f, 0x1.6ba8d4p-19f, -0x1.86008cp-20f, 0x1.64f188p-18f,
		0.0f, -0x1.44ec32p-18f, 0x1.797566p-18f, -0x1.fca55ep-18f,
		0x1.bf932ap-18f, 0x1.d044fcp-19f, 0x1.277334p-18f, 0x1.07d38ep-19f,
	},
	{
		-0x1.06ccp-3f, -0x1.b8ep-4f, -0x1.5fe8p-4f, -0x1.31bp-4f,
		-0x1.024p-4f, -0x1.3edp-5f, -0x1.af6p-6f, -0x1.b6p-7f,
		0.0f, 0x1.c3cp-7f, 0x1.5e4p-5f, 0x1.2e38p-4f,
		0x1.93e8p-4f, 0x1.db1p-4f, 0x1.1298p-3f, 0x1.3948p-3f,
	},
	{
		0x1.4c2c9ep-22f, 0x1.b2c54cp-20f, -0x1.222bd4p-26f, -0x1.82ae24p-19f,
		-0x1.460f84p-19f, -0x1.199a5ep-21f, 0x1.b53fc6p-24f, 0x1.6f714ep-19f,
		0.0f, 0x1.083778p-19f, -0x1.a65206p-19f, 0x1.3a05bcp-19f,
		-0x1.0f81ep-23f, 0x1.ed766ap-20f, 0x1.a4fb3ep-19f, -0x1.fe10d6p-20f,
	},
};
#define LOG2_BASE_f32 LOG_BASE_f32
#define LOG2_BITS_f32 LOG_BITS_f32
#define LOG2_TABLE_f32 LOG_TABLE_f32

#define LOG_BASE_f64 0x1.78p-1
#define LOG_BITS_f64 4

static const ef64 LOG_TABLE_f64[7][16] = {
	{
		0x1.5555555555555p+0, 0x1.47ae147ae147bp+0, 0x1.3b13b13b13b14p+0,
		0x1.2f684bda12f68p+0, 0x1.2492492492492p+0, 0x1.1a7b9611a7b96p+0,
		0x1.1111111111111p+0, 0x1.0842108421084p+0, 0x1.0p+0,
		0x1.e1e1e1e1e1e1ep-1, 0x1.c71c71c71c71cp-1, 0x1.af286bca1af28p-1,
		0x1.999999999999ap-1, 0x1.8618618618618p-1, 0x1.745d1745d1746p-1,
		0x1.642c8590b2164p-1,
	},
	{
		-0x1.a8ff97181p-2, -0x1.6cb0f6865cp-2, -0x1.32bfee371p-2,
		-0x1.f5fd8a906p-3, -0x1.8a8980abf8p-3, -0x1.22dadc2abp-3,
		-0x1.7d60496dp-4, -0x1.77394c9dap-5, 0.0,
		0x1.663f6fac9p-4, 0x1.5c01a39fcp-3, 0x1.fbc16b9028p-3,
		0x1.49a784bcdp-2, 0x1.91bba891fp-2, 0x1.d6753e033p-2,
		0x1.0c10500d64p-1,
	},
	{
		-0x1.4b94d870dd18bp-43, -0x1.1d51bdaa8e20dp-43, 0x1.196290940346ap-42,
		-0x1.f18d6f3815fcp-42, -0x1.e97c1e0d76c5fp-42, -0x1.a4b0d13ffe4e6p-42,
		0x1.12d42864c503p-42, 0x1.4e60ced82b93cp-42, 0.0,
		0x1.317ee20c9d519p-44, -0x1.4babedb842443p-42, -0x1.7f2f9ae39c1e8p-43,
		0x1.b898cf4b5a447p-42, 0x1.70a26072b5824p-42, -0x1.5f1ba6b7d0fccp-42,
		-0x1.5652ca22c62dap-43,
	},
	{
		-0x1.269621134ep-2, -0x1.f991c6cb3cp-3, -0x1.a93ed3c8aep-3,
		-0x1.5bf406b544p-3, -0x1.1178e8227ep-3, -0x1.9335e5d594p-4,
		-0x1.08598b59e4p-4, -0x1.0415d89e78p-5, 0.0,
		0x1.f0a30c0118p-5, 0x1.e27076e2bp-4, 0x1.5ff3070a7ap-3,
		0x1.c8ff7c79aap-3, 0x1.1675cababap-2, 0x1.4618bc21c6p-2,
		0x1.739d7f6bbdp-2,
	},
	{
		0x1.1ba1f10522625p-44, 0x1.90b84cd7cc834p-44, 0x1.86a4350562169p-45,
		0x1.28023eb68981cp-46, -0x1.1e778ce2d07f2p-45, -0x1.30f5c3abd47dap-45,
		0x1.7e9dd7009902cp-46, 0x1.ddfc7f461c516p-44, 0.0,
		-0x1.d579e83368e91p-45, -0x1.a2c2c2af0003cp-45, -0x1.8546f183bebf2p-44,
		-0x1.7814f689f8434p-45, 0x1.83c0e731f55c4p-44, -0x1.3e02f484c84ccp-46,
		0x1.c7389314feb5p-52,
	},
	{
		-0x1.ffbfc2bbc8p-4, -0x1.b721cd1716p-4, -0x1.715d0ce368p-4,
		-0x1.2e3a740b78p-4, -0x1.db11ed766cp-5, -0x1.5e3966b7e8p-5,
		-0x1.cb38fccd88p-6, -0x1.c3d083778p-7, 0.0,
		0x1.af5f92b01p-6, 0x1.a30a9d60ap-5, 0x1.31b3055c48p-4,
		0x1.8cf1838864p-4, 0x1.e3bc1ab0e2p-4, 0x1.1b3e71ec95p-3,
		0x1.42c7e7fe4p-3,
	},
	{
		0x1.ff91cd0d41d8bp-46, 0x1.0398689798e79p-45, 0x1.40a56a54960abp-46,
		-0x1.9af15fdc3bc7p-53, 0x1.40f4693268929p-45, -0x1.2943d5df4868p-45,
		-0x1.fecd659bbf9e4p-45, -0x1.30e6a783022c9p-45, 0.0,
		-0x1.9ee9c6a443feap-46, -0x1.012c40f052da5p-45, -0x1.dcc83285be7bfp-45,
		0x1.015bce2014e1fp-45, -0x1.80017c8916685p-46, -0x1.0b66e5725ff53p-48,
		-0x1.fee58bb5ae5e1p-46,
	},
};

#define LOG2_BASE_f64 0x1.7ep-1
#define LOG2_BITS_f64 6

static const ef64 LOG2_TABLE_f64[3][64] = {
	{
		0x1.5555555555555p+0, 0x1.51d07eae2f815p+0, 0x1.4e5e0a72f0539p+0,
		0x1.4afd6a052bf5bp+0, 0x1.47ae147ae147bp+0, 0x1.446f86562d9fbp+0,
		0x1.4141414141414p+0, 0x1.3e22cbce4a902p+0, 0x1.3b13b13b13b14p+0,
		0x1.3813813813814p+0, 0x1.3521cfb2b78c1p+0, 0x1.323e34a2b10bfp+0,
		0x1.2f684bda12f68p+0, 0x1.2c9fb4d812cap+0, 0x1.29e4129e4129ep+0,
		0x1.27350b8812735p+0, 0x1.2492492492492p+0, 0x1.21fb78121fb78p+0,
		0x1.1f7047dc11f7p+0, 0x1.1cf06ada2811dp+0, 0x1.1a7b9611a7b96p+0,
		0x1.1811811811812p+0, 0x1.15b1e5f75270dp+0, 0x1.135c81135c811p+0,
		0x1.1111111111111p+0, 0x1.0ecf56be69c9p+0, 0x1.0c9714fbcda3bp+0,
		0x1.0a6810a6810a7p+0, 0x1.0842108421084p+0, 0x1.0624dd2f1a9fcp+0,
		0x1.041041041041p+0, 0x1.0204081020408p+0, 0x1.0p+0,
		0x1.f81f81f81f82p-1, 0x1.f07c1f07c1f08p-1, 0x1.e9131abf0b767p-1,
		0x1.e1e1e1e1e1e1ep-1, 0x1.dae6076b981dbp-1, 0x1.d41d41d41d41dp-1,
		0x1.cd85689039b0bp-1, 0x1.c71c71c71c71cp-1, 0x1.c0e070381c0ep-1,
		0x1.bacf914c1badp-1, 0x1.b4e81b4e81b4fp-1, 0x1.af286bca1af28p-1,
		0x1.a98ef606a63bep-1, 0x1.a41a41a41a41ap-1, 0x1.9ec8e951033d9p-1,
		0x1.999999999999ap-1, 0x1.948b0fcd6e9ep-1, 0x1.8f9c18f9c18fap-1,
		0x1.8acb90f6bf3aap-1, 0x1.8618618618618p-1, 0x1.8181818181818p-1,
		0x1.7d05f417d05f4p-1, 0x1.78a4c8178a4c8p-1, 0x1.745d1745d1746p-1,
		0x1.702e05c0b817p-1, 0x1.6c16c16c16c17p-1, 0x1.6816816816817p-1,
		0x1.642c8590b2164p-1, 0x1.6058160581606p-1, 0x1.5c9882b931057p-1,
		0x1.58ed2308158edp-1,
	},
	{
		-0x1.a8ff97181p-2, -0x1.99b072a96cp-2, -0x1.8a8980abfcp-2,
		-0x1.7b89f02cf4p-2, -0x1.6cb0f6865cp-2, -0x1.5dfdcf1eecp-2,
		-0x1.4f6fbb2cecp-2, -0x1.4106017c4p-2, -0x1.32bfee371p-2,
		-0x1.249cd2b13cp-2, -0x1.169c05364p-2, -0x1.08bce0d96p-2,
		-0x1.f5fd8a906p-3, -0x1.dac22d3e48p-3, -0x1.bfc67a8p-3,
		-0x1.a5094b54dp-3, -0x1.8a8980abf8p-3, -0x1.7046031c78p-3,
		-0x1.563dc29ff8p-3, -0x1.3c6fb650dp-3, -0x1.22dadc2abp-3,
		-0x1.097e38ce6p-3, -0x1.e0b1ae8f3p-4, -0x1.aed391ab6p-4,
		-0x1.7d60496dp-4, -0x1.4c560fe69p-4, -0x1.1bb32a6p-4,
		-0x1.d6ebd1f2p-5, -0x1.77394c9dap-5, -0x1.184b8e4c6p-5,
		-0x1.743ee862p-6, -0x1.72c7ba21p-7, 0.0,
		0x1.6e79685c4p-6, 0x1.6bad3758ep-5, 0x1.0eb389fa3p-4,
		0x1.663f6fac9p-4, 0x1.bc84240aep-4, 0x1.08c588cda8p-3,
		0x1.32ae9e2788p-3, 0x1.5c01a39fcp-3, 0x1.84c2bd02fp-3,
		0x1.acf5e2db5p-3, 0x1.d49ee4c328p-3, 0x1.fbc16b9028p-3,
		0x1.11307dad3p-2, 0x1.24407ab0ep-2, 0x1.37124cea4cp-2,
		0x1.49a784bcdp-2, 0x1.5c01a39fbcp-2, 0x1.6e221cd9dp-2,
		0x1.800a56316p-2, 0x1.91bba891fp-2, 0x1.a33760a7f8p-2,
		0x1.b47ebf7388p-2, 0x1.c592fad294p-2, 0x1.d6753e033p-2,
		0x1.e726aa1e74p-2, 0x1.f7a8568cbp-2, 0x1.03fda8b97ap-1,
		0x1.0c10500d64p-1, 0x1.140c9faa1ep-1, 0x1.1bf311e95ep-1,
		0x1.23c41d4272p-1,
	},
	{
		-0x1.4b94d870dd18bp-43, -0x1.ac7c0cf4d1e71p-44, 0x1.67d63f674c5d6p-45,
		0x1.55098856e73ebp-42, -0x1.1d51bdaa8e20dp-43, 0x1.1f16b08188cfep-42,
		-0x1.660723f2b18ddp-44, 0x1.35fb2aa2e61f9p-42, 0x1.196290940346ap-42,
		-0x1.add4a5abe9401p-43, 0x1.d51176a03b103p-43, 0x1.728107bb7f5abp-44,
		-0x1.f18d6f3815fcp-42, 0x1.f150f88cf3cfap-42, 0x1.66cfec74663c3p-44,
		-0x1.413e6723b58b1p-42, -0x1.e97c1e0d76c5fp-42, -0x1.f84056f906c1cp-43,
		-0x1.65794ef1a1c72p-42, 0x1.0d75e8360ba1ep-42, -0x1.a4b0d13ffe4e6p-42,
		-0x1.93999dad32e38p-45, 0x1.54fbd0bc037dep-47, -0x1.9d273783c6ddfp-42,
		0x1.12d42864c503p-42, 0x1.41d43d34109c5p-42, -0x1.5289d70b977e4p-42,
		0x1.3ebfb629a10c3p-45, 0x1.4e60ced82b93cp-42, 0x1.2a0705bd785f9p-42,
		0x1.9581bde5c394cp-43, 0x1.19c85e8d34973p-44, 0.0,
		-0x1.2ded8ad93d497p-42, 0x1.fb02d7c85b4b7p-42, -0x1.818d4171a24e2p-42,
		0x1.317ee20c9d519p-44, -0x1.511b7ddc8785fp-42, -0x1.86b2964f9cc81p-45,
		0x1.70c799ea94eap-42, -0x1.4babedb842443p-42, 0x1.daf03d889a2bep-46,
		-0x1.36ef2c7cdd9bp-43, -0x1.349c68f4e1d24p-42, -0x1.7f2f9ae39c1e8p-43,
		0x1.6e828ea47b07dp-43, 0x1.ce9a46a0cfd5ep-44, 0x1.bda82e1e967b4p-43,
		0x1.b898cf4b5a447p-42, 0x1.68910f48164c2p-42, 0x1.9bae171102f24p-43,
		0x1.c52d86f871c68p-42, 0x1.70a26072b5824p-42, -0x1.faf062ea193bap-42,
		0x1.508034c646d5dp-45, 0x1.b56dad402df9dp-42, -0x1.5f1ba6b7d0fccp-42,
		0x1.4d2c4fbd93c51p-42, 0x1.b3740bc809c97p-44, -0x1.a07406cbb389p-43,
		-0x1.5652ca22c62dap-43, 0x1.50a5283c07af4p-43, -0x1.fe39700e4e816p-42,
		0x1.f214c4fd1a9dcp-43,
	},
};

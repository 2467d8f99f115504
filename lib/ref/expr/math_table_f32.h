/* SPDX-License-Identifier: MIT */
/*
 * Piecewise polynomials for tanh, erf and erfc of f32, printed by tools/gen/minimax.py. Interval 0 is [0, 1/8), then there
 * are two of equal width to an octave. Row 0: the point m of each interval, chosen so that f(m) is all but a float;
 * row 1: f(m); from row 2 on the coefficients of (f(m + t) - f(m)) / t, less 1 in interval 0, lowest power first.
 * No include guard: included once per vocabulary, by expr/math_f32.h.
 */

#define TABLE_ROWS 9

static const ef32 TANH_TABLE_f32[TABLE_ROWS][16] = {
	{
		0.0f, 0x1.500008p-3f, 0x1.c2000cp-3f, 0x1.400148p-2f,
		0x1.c5fff8p-2f, 0x1.32p-1f, 0x1.bfff6p-1f, 0x1.3bffd8p+0f,
		0x1.bfff9p+0f, 0x1.3ffeaap+1f, 0x1.c40026p+1f, 0x1.42001p+2f,
		0x1.b00028p+2f, 0x1.14668ep+3f, 0.0f, 0.0f,
	},
	{
		0.0f, 0x1.4d048p-3f, 0x1.bae538p-3f, 0x1.35fab4p-2f,
		0x1.aa6b54p-2f, 0x1.121d4ap-1f, 0x1.6866p-1f, 0x1.b00c3p-1f,
		0x1.e1fbep-1f, 0x1.f9255ep-1f, 0x1.ff1fa2p-1f, 0x1.fff4d2p-1f,
		0x1.ffffa4p-1f, 0x1.fffffep-1f, 0.0f, 0.0f,
	},
	{
		0x1.5e8abcp-41f, 0x1.f2765ap-1f, 0x1.e80e1ep-1f, 0x1.d1151ap-1f,
		0x1.a736d4p-1f, 0x1.6d3ea6p-1f, 0x1.02507cp-1f, 0x1.26d6dep-2f,
		0x1.d22e22p-4f, 0x1.b3b8e2p-6f, 0x1.c0599ep-9f, 0x1.65b4ecp-13f,
		0x1.700d64p-18f, 0x1.0e1b56p-23f, 0.0f, 0.0f,
	},
	{
		-0x1.024718p-31f, -0x1.44366ap-3f, -0x1.a62ea6p-3f, -0x1.1992fap-2f,
		-0x1.607956p-2f, -0x1.8716d6p-2f, -0x1.6ba81ap-2f, -0x1.f198ap-3f,
		-0x1.b6d9a4p-4f, -0x1.ade316p-6f, -0x1.bf95f2p-9f, -0x1.65ecep-13f,
		-0x1.6ff934p-18f, -0x1.0e1af2p-23f, 0.0f, 0.0f,
	},
	{
		-0x1.555552p-2f, -0x1.31e226p-2f, -0x1.17d9dp-2f, -0x1.c1943p-3f,
		-0x1.0ebc2ap-3f, -0x1.1101ccp-5f, 0x1.4f0f02p-4f, 0x1.bea9dp-4f,
		0x1.01ba96p-4f, 0x1.16e366p-6f, 0x1.2960ccp-9f, 0x1.dd8decp-14f,
		0x1.e98bfcp-19f, 0x1.6830a8p-24f, 0.0f, 0.0f,
	},
	{
		-0x1.29ef94p-19f, 0x1.a4050ep-4f, 0x1.05076ap-3f, 0x1.43ee7cp-3f,
		0x1.5bb918p-3f, 0x1.294736p-3f, 0x1.f2075p-5f, -0x1.69694ap-7f,
		-0x1.81673cp-6f, -0x1.07d42ap-7f, -0x1.272f0cp-10f, -0x1.d7622ep-15f,
		-0x1.eaa432p-20f, -0x1.684698p-25f, 0.0f, 0.0f,
	},
	{
		0x1.112a86p-3f, 0x1.a26544p-6f, 0x1.47caa2p-2f, 0x1.04818cp-5f,
		-0x1.b899a6p-8f, -0x1.980c92p-5f, -0x1.dd539p-5f, -0x1.51d4fp-6f,
		0x1.e4ccd4p-9f, 0x1.7716f2p-9f, 0x1.d1038p-12f, 0x1.7504cp-16f,
		0x1.96364ap-21f, 0x1.1dbd22p-26f, 0.0f, 0.0f,
	},
	{
		-0x1.130f1cp-11f, -0x1.1600cp+1f, 0x1.ed809cp-3f, -0x1.5ae038p-4f,
		-0x1.efd612p-5f, -0x1.0280d6p-5f, 0x1.adf356p-7f, 0x1.fef1e2p-7f,
		0x1.11093cp-9f, -0x1.6e7198p-11f, -0x1.3634d4p-13f, -0x1.21e752p-17f,
		-0x1.1201a8p-22f, -0x1.7fc7bcp-28f, 0.0f, 0.0f,
	},
	{
		-0x1.a6a24ep-5f, -0x1.f2b072p+2f, -0x1.f10a04p+6f, 0x1.e53318p+0f,
		-0x1.49227p-3f, 0x1.f71932p-7f, -0x1.3835e4p-7f, -0x1.2f2e7p-8f,
		-0x1.035312p-9f, 0x1.f0c5e2p-15f, 0x1.5f095ep-15f, 0x1.5f281ep-19f,
		0x1.a1b1c8p-25f, 0x1.245974p-29f, 0.0f, 0.0f,
	},
};

static const ef32 ERF_TABLE_f32[TABLE_ROWS][16] = {
	{
		0.0f, 0x1.500022p-3f, 0x1.d0000ap-3f, 0x1.49ffd8p-2f,
		0x1.cffff6p-2f, 0x1.480026p-1f, 0x1.c1ffdap-1f, 0x1.480006p+0f,
		0x1.bfffa6p+0f, 0x1.35ffdep+1f, 0x1.ca0028p+1f, 0.0f,
		0.0f, 0.0f, 0.0f, 0.0f,
	},
	{
		0.0f, 0x1.77c2f8p-3f, 0x1.015f7ep-2f, 0x1.67ddap-2f,
		0x1.e9d68p-2f, 0x1.4525e4p-1f, 0x1.927df6p-1f, 0x1.dc29fep-1f,
		0x1.f92cfep-1f, 0x1.ffaf6ep-1f, 0x1.fffff2p-1f, 0.0f,
		0.0f, 0.0f, 0.0f, 0.0f,
	},
	{
		0x1.06eba8p-3f, 0x1.19318ap+0f, 0x1.12695ep+0f, 0x1.045ecep+0f,
		0x1.d67ea6p-1f, 0x1.7f41b8p-1f, 0x1.0ad5e8p-1f, 0x1.bf8dfep-3f,
		0x1.b05744p-5f, 0x1.a3632ep-9f, 0x1.9e83aep-19f, 0.0f,
		0.0f, 0.0f, 0.0f, 0.0f,
	},
	{
		0x1.2b9044p-21f, -0x1.711136p-3f, -0x1.f15ec4p-3f, -0x1.4fa204p-2f,
		-0x1.aa62bcp-2f, -0x1.eb0c6cp-2f, -0x1.d50bdcp-2f, -0x1.1eb706p-2f,
		-0x1.7a4c08p-4f, -0x1.fbd2cep-8f, -0x1.7569d4p-17f, 0.0f,
		0.0f, 0.0f, 0.0f, 0.0f,
	},
	{
		-0x1.8134ecp-2f, -0x1.62af24p-2f, -0x1.48aefep-2f, -0x1.131afp-2f,
		-0x1.71bc46p-3f, -0x1.6e5228p-5f, 0x1.83ca66p-4f, 0x1.54a038p-3f,
		0x1.7149fap-4f, 0x1.773256p-7f, 0x1.b82474p-16f, 0.0f,
		0.0f, 0.0f, 0.0f, 0.0f,
	},
	{
		0x1.d192bcp-10f, 0x1.6e89fcp-4f, 0x1.c86d68p-4f, 0x1.37ef32p-3f,
		0x1.6fe4a6p-3f, 0x1.64b08p-3f, 0x1.c70216p-4f, -0x1.b0962p-7f,
		-0x1.8a142ep-5f, -0x1.72211ap-7f, -0x1.5a1d02p-15f, 0.0f,
		0.0f, 0.0f, 0.0f, 0.0f,
	},
	{
		0x1.5dfed4p-4f, 0x1.d1cc4ap-6f, 0x1.122398p-1f, 0x1.43eebp-4f,
		0x1.8db332p-6f, -0x1.f80e8ap-6f, -0x1.175cb4p-4f, -0x1.624e3cp-5f,
		0x1.b1abb8p-8f, 0x1.e7f44ep-8f, 0x1.70df96p-15f, 0.0f,
		0.0f, 0.0f, 0.0f, 0.0f,
	},
	{
		0x1.8eb488p-3f, -0x1.d782dap+0f, 0x1.57ea32p+3f, 0x1.00d5p-5f,
		-0x1.567d7ap-6f, -0x1.42375p-5f, -0x1.4b92c4p-7f, 0x1.5f5414p-6f,
		0x1.286cdap-7f, -0x1.78986ep-9f, -0x1.ea6826p-15f, 0.0f,
		0.0f, 0.0f, 0.0f, 0.0f,
	},
	{
		-0x1.1761f6p-1f, -0x1.889a6ep+2f, 0x1.72784ap+4f, -0x1.4b8826p+0f,
		0x1.51b3b4p-6f, 0x1.725p-9f, 0x1.650efep-5f, 0x1.f29518p-9f,
		-0x1.843f84p-8f, 0x1.992baep-12f, 0x1.1c80b4p-14f, 0.0f,
		0.0f, 0.0f, 0.0f, 0.0f,
	},
};

/*
 * erfc(x) e^(x^2), and y e^(y^2 / 2) times what of the standard normal distribution is above y, on quarters of octaves of x + 3/4
 * and y + 1; column i holds the one whose float has i in the bits from the second of the fraction on. Rows as above.
 */
#define ERFC_ROWS 8
#define ERFC_SHIFT 0.75f

static const ef32 ERFC_TABLE_f32[ERFC_ROWS][16] = {
	{
		0x1.81ffdap+0f, 0x1.0000dp+1f, 0x1.3ffecap+1f, 0x1.7ffff2p+1f,
		0x1.e1ffdcp+1f, 0x1.2fff4ep+2f, 0x1.70013ep+2f, 0x1.b50006p+2f,
		0x1.0p+3f, 0x1.41fffcp+3f, 0x1.100004p-4f, 0x1.7fff0ap-3f,
		0x1.73ffe2p-2f, 0x1.4000aap-1f, 0x1.b1ffd8p-1f, 0x1.1ffef8p+0f,
	},
	{
		0x1.47ffe6p-2f, 0x1.0585cp-2f, 0x1.afbcbp-3f, 0x1.6e9834p-3f,
		0x1.290182p-3f, 0x1.dc6146p-4f, 0x1.8c12b8p-4f, 0x1.4eec3cp-4f,
		0x1.1ea8c4p-4f, 0x1.c91402p-5f, 0x1.dbc8fp-1f, 0x1.a36beep-1f,
		0x1.62e01p-1f, 0x1.1d166cp-1f, 0x1.e471e2p-2f, 0x1.9532dcp-2f,
	},
	{
		-0x1.4cad0ap-3f, -0x1.b56e0ap-4f, -0x1.3088c8p-4f, -0x1.bd6b02p-5f,
		-0x1.2863d6p-5f, -0x1.811646p-6f, -0x1.0bc2b2p-6f, -0x1.8067fp-7f,
		-0x1.1a5882p-7f, -0x1.67e354p-8f, -0x1.01451cp+0f, -0x1.a472d6p-1f,
		-0x1.3fe434p-1f, -0x1.babc4cp-2f, -0x1.4e2d0ep-2f, -0x1.e78d52p-3f,
	},
	{
		0x1.34c63ap-4f, 0x1.567052p-5f, 0x1.989944p-6f, 0x1.043ffap-6f,
		0x1.1fb9fep-7f, 0x1.317e16p-8f, 0x1.653198p-9f, 0x1.b4e02p-10f,
		0x1.141026p-10f, 0x1.1a05dp-11f, 0x1.b99dc2p-1f, 0x1.549698p-1f,
		0x1.dd5468p-2f, 0x1.257696p-2f, 0x1.925b92p-3f, 0x1.05e8b4p-3f,
	},
	{
		-0x1.0a5a84p-5f, -0x1.fa92d6p-7f, -0x1.063178p-7f, -0x1.258e5ap-8f,
		-0x1.1033e8p-9f, -0x1.dc1854p-11f, -0x1.d6573p-12f, -0x1.ebc8d6p-13f,
		-0x1.0bfd8cp-13f, -0x1.b7f022p-15f, -0x1.437edp-1f, -0x1.db6fdep-2f,
		-0x1.36e8cp-2f, -0x1.59c0a4p-3f, -0x1.b466a2p-4f, -0x1.0135p-4f,
	},
	{
		0x1.afba2p-7f, 0x1.6487dp-8f, 0x1.435cf4p-9f, 0x1.409b02p-10f,
		0x1.f6dcecp-12f, 0x1.6cadcap-13f, 0x1.31d67ap-14f, 0x1.121cecp-15f,
		0x1.02d988p-16f, 0x1.55eap-18f, 0x1.a40d1ep-2f, 0x1.2804d2p-2f,
		0x1.6c5a78p-3f, 0x1.72d1dp-4f, 0x1.b2f306p-5f, 0x1.d4e488p-6f,
	},
	{
		-0x1.503408p-8f, -0x1.e5b9b4p-10f, -0x1.85aa2cp-11f, -0x1.571dep-12f,
		-0x1.d013fap-14f, -0x1.16b8acp-15f, -0x1.8e016ep-17f, -0x1.2ef12ep-18f,
		-0x1.f2574cp-20f, -0x1.0a6176p-21f, -0x1.df471p-3f, -0x1.567742p-3f,
		-0x1.8b3468p-4f, -0x1.727d4cp-5f, -0x1.907ddep-6f, -0x1.93ec1cp-7f,
	},
	{
		0x1.f2c66ap-10f, 0x1.3a8d62p-11f, 0x1.bff5bep-13f, 0x1.618e38p-14f,
		0x1.9dd17cp-16f, 0x1.a29faap-18f, 0x1.f89b02p-20f, 0x1.70dc12p-21f,
		0x1.8c0e98p-23f, 0x1.6c38f2p-25f, 0x1.509444p-3f, 0x1.61b00ap-4f,
		0x1.8f163ap-5f, 0x1.577f32p-6f, 0x1.2730dp-7f, 0x1.49d4dcp-8f,
	},
};

#define GELU_ROWS 7
#define GELU_SHIFT 1

static const ef32 GELU_TABLE_f32[GELU_ROWS][16] = {
	{
		0x1.45fffp+0f, 0x1.ba0014p+0f, 0x1.1ffec4p+1f, 0x1.630028p+1f,
		0x1.b7fffep+1f, 0x1.200078p+2f, 0x1.5fffd8p+2f, 0x1.9ffecap+2f,
		0x1.08001cp+3f, 0x1.480016p+3f, 0x1.8000a4p+3f, 0x1.bfff3ep+3f,
		0.0f, 0x1.7ffe74p-2f, 0x1.41fffap-1f, 0x1.c000e2p-1f,
	},
	{
		0x1.29913ep-2f, 0x1.4a9d8p-2f, 0x1.620344p-2f, 0x1.70a656p-2f,
		0x1.7c4e3ap-2f, 0x1.86c634p-2f, 0x1.8c2b86p-2f, 0x1.8f76d2p-2f,
		0x1.92c3p-2f, 0x1.94bc12p-2f, 0x1.95bcb6p-2f, 0x1.9676b6p-2f,
		0.0f, 0x1.238864p-3f, 0x1.9f7e88p-3f, 0x1.f559d2p-3f,
	},
	{
		0x1.718aep-4f, 0x1.c7e1bap-5f, 0x1.15acdp-5f, 0x1.65a26ap-6f,
		0x1.b50d66p-7f, 0x1.bfb916p-8f, 0x1.07e43cp-8f, 0x1.4ea7bap-9f,
		0x1.56d9d4p-10f, 0x1.6fb9e2p-11f, 0x1.d0f924p-12f, 0x1.27e98p-12f,
		0x1.fffffep-2f, 0x1.222fc6p-2f, 0x1.98219ap-3f, 0x1.28be4ap-3f,
	},
	{
		-0x1.a0fe8ep-5f, -0x1.cb4e74p-6f, -0x1.ee9b5ap-7f, -0x1.1bde14p-7f,
		-0x1.2f1f26p-8f, -0x1.00476cp-9f, -0x1.01fdaap-10f, -0x1.1c8938p-11f,
		-0x1.d8acecp-13f, -0x1.9f5fe8p-14f, -0x1.c4c7b8p-15f, -0x1.f15d48p-16f,
		-0x1.988256p-2f, -0x1.a0ae3ep-3f, -0x1.113348p-3f, -0x1.73b654p-4f,
	},
	{
		0x1.80dc66p-6f, 0x1.7f293ep-7f, 0x1.70c648p-8f, 0x1.7cba68p-9f,
		0x1.6722d8p-10f, 0x1.fa27d2p-12f, 0x1.b63cc6p-13f, 0x1.a674cep-14f,
		0x1.1d15d2p-15f, 0x1.9cc504p-17f, 0x1.85724p-18f, 0x1.71c66ep-19f,
		0x1.ff7acap-3f, 0x1.dc2e2ap-4f, 0x1.2590c2p-4f, 0x1.78a5d6p-5f,
	},
	{
		-0x1.39d946p-7f, -0x1.1c141ap-8f, -0x1.ece53cp-10f, -0x1.cc759ap-11f,
		-0x1.8636fp-12f, -0x1.ce8fd4p-14f, -0x1.595d9ap-15f, -0x1.2397p-16f,
		-0x1.4332eep-18f, -0x1.80e9bep-20f, -0x1.3c01ap-21f, -0x1.02efdp-22f,
		-0x1.0a4fcp-3f, -0x1.d40a78p-5f, -0x1.10dbb6p-5f, -0x1.4bdbe8p-6f,
	},
	{
		0x1.e3683p-9f, 0x1.6d9336p-10f, 0x1.2c1578p-11f, 0x1.092ec8p-12f,
		0x1.65cb98p-14f, 0x1.871802p-16f, 0x1.fbc0ccp-18f, 0x1.79a20ap-19f,
		0x1.acc216p-21f, 0x1.95bafcp-23f, 0x1.e51234p-25f, 0x1.58103p-26f,
		0x1.8b59b6p-5f, 0x1.9c2ec8p-6f, 0x1.ccc3fcp-7f, 0x1.062572p-7f,
	},
};

/*
 * atan for f32 about the middles c of the same intervals, the last from 16 on, printed by the same program: row 0: c, where
 * atan c is all but a float; row 1: atan c.
 */
static const ef32 ATAN_TABLE_f32[2][16] = {
	{
		0.0f, 0x1.35ffep-3f, 0x1.c0014cp-3f, 0x1.3ffe92p-2f,
		0x1.bffe8cp-2f, 0x1.4000cap-1f, 0x1.b9ffep-1f, 0x1.3ffe88p+0f,
		0x1.c0014ap+0f, 0x1.3ffe7ap+1f, 0x1.bffe74p+1f, 0x1.33fffep+2f,
		0x1.b1fff4p+2f, 0x1.400158p+3f, 0x1.c000b8p+3f, 0x1.69ffe6p+5f,
	},
	{
		0.0f, 0x1.33a9fap-3f, 0x1.b90eb2p-3f, 0x1.362626p-2f,
		0x1.a64db4p-2f, 0x1.1e014cp-1f, 0x1.6c9f66p-1f, 0x1.cac6ap-1f,
		0x1.0d3944p+0f, 0x1.30b66cp+0f, 0x1.4ae0d4p+0f, 0x1.5dace8p+0f,
		0x1.6ca49p+0f, 0x1.789beep+0f, 0x1.7fde88p+0f, 0x1.8c77a2p+0f,
	},
};

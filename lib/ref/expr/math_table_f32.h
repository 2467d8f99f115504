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
 * erfc(x)·e^(x²) from 1/4 on, as above.
 */
#define ERFC_ROWS 11

static const ef32 ERFC_TABLE_f32[ERFC_ROWS][16] = {
	{
		0x1.3e002p-2f, 0x1.cdfffap-2f, 0x1.4000aap-1f, 0x1.b1ffd8p-1f,
		0x1.500022p+0f, 0x1.bfffaap+0f, 0x1.3ffecap+1f, 0x1.ce000cp+1f,
		0x1.3ffe86p+2f, 0x1.c20016p+2f, 0x1.219a94p+3f, 0.0f,
		0.0f, 0.0f, 0.0f, 0.0f,
	},
	{
		0x1.746e72p-1f, 0x1.4880c2p-1f, 0x1.1d166cp-1f, 0x1.e471e2p-2f,
		0x1.6bb35cp-2f, 0x1.23cffp-2f, 0x1.afbcbp-3f, 0x1.3509fep-3f,
		0x1.c5743ep-4f, 0x1.456fa6p-4f, 0x1.fba1bap-5f, 0.0f,
		0.0f, 0.0f, 0.0f, 0.0f,
	},
	{
		-0x1.5a6a3ap-1f, -0x1.194ebep-1f, -0x1.babc4cp-2f, -0x1.4e2d0ep-2f,
		-0x1.917d44p-3f, -0x1.0c3dap-3f, -0x1.3088c6p-4f, -0x1.402d32p-5f,
		-0x1.5d8742p-6f, -0x1.6b2312p-7f, -0x1.bb6926p-8f, 0.0f,
		0.0f, 0.0f, 0.0f, 0.0f,
	},
	{
		0x1.08da6ap-1f, 0x1.932b7cp-2f, 0x1.257696p-2f, 0x1.925b94p-3f,
		0x1.90e434p-4f, 0x1.c8d186p-5f, 0x1.989942p-6f, 0x1.4212dep-7f,
		0x1.08d2ecp-8f, 0x1.91710ep-10f, 0x1.811242p-11f, 0.0f,
		0.0f, 0.0f, 0.0f, 0.0f,
	},
	{
		-0x1.60373ap-2f, -0x1.fbc43cp-3f, -0x1.59bea6p-3f, -0x1.b46a78p-4f,
		-0x1.71137cp-5f, -0x1.6cb786p-6f, -0x1.06363ep-7f, -0x1.3b431cp-9f,
		-0x1.8ac3d8p-11f, -0x1.b7c36ap-13f, -0x1.4c7f6cp-14f, 0.0f,
		0.0f, 0.0f, 0.0f, 0.0f,
	},
	{
		0x1.a4575ep-3f, 0x1.1fdb84p-3f, 0x1.72d108p-4f, 0x1.b2fde6p-5f,
		0x1.3d5d64p-6f, 0x1.1366b4p-7f, 0x1.4361d6p-9f, 0x1.2cd23ep-11f,
		0x1.21a68cp-13f, 0x1.dd83b4p-16f, 0x1.1d811p-17f, 0.0f,
		0.0f, 0.0f, 0.0f, 0.0f,
	},
	{
		-0x1.dc73p-4f, -0x1.711858p-6f, -0x1.7d12fep-5f, -0x1.7f9dep-6f,
		-0x1.0180dp-7f, -0x1.892414p-9f, -0x1.7fa2aap-11f, -0x1.1733f4p-13f,
		-0x1.a238b2p-16f, -0x1.0210b2p-18f, -0x1.e9e66ep-21f, 0.0f,
		0.0f, 0.0f, 0.0f, 0.0f,
	},
	{
		0x1.b5c9b2p-5f, 0x1.03f014p-1f, 0x1.5b1ff4p-6f, 0x1.181cc4p-8f,
		0x1.8bd15ep-9f, 0x1.0ec2a8p-10f, 0x1.b9c024p-13f, 0x1.03de0ap-15f,
		0x1.29c1eep-18f, 0x1.128d04p-21f, 0x1.9e14e6p-24f, 0.0f,
		0.0f, 0.0f, 0.0f, 0.0f,
	},
	{
		0x1.57c36ep+0f, -0x1.4ad6fap+3f, 0x1.03b8aep-3f, -0x1.00cd5ep-4f,
		-0x1.07113ep-10f, -0x1.9f0cbep-11f, -0x1.202712p-14f, -0x1.1d863p-17f,
		-0x1.b70ef4p-21f, -0x1.97b9dep-25f, -0x1.5abaf6p-28f, 0.0f,
		0.0f, 0.0f, 0.0f, 0.0f,
	},
	{
		0x1.cd04ap-2f, -0x1.0fcc66p+7f, -0x1.98d614p-7f, 0x1.d46bfp-2f,
		0x1.1dfeap-11f, 0x1.6cfc3p-13f, 0x1.224016p-16f, -0x1.085912p-20f,
		0x1.37507ep-23f, 0x1.2d9d4p-27f, 0x1.26a978p-30f, 0.0f,
		0.0f, 0.0f, 0.0f, 0.0f,
	},
	{
		-0x1.271d6ap+7f, -0x1.08ef26p+8f, -0x1.e6cabap+1f, -0x1.4f2898p-1f,
		-0x1.3dd252p-12f, 0x1.925722p-9f, 0x1.a60fd4p-17f, -0x1.8931bap-21f,
		-0x1.087beap-27f, -0x1.53dc7ep-27f, -0x1.28402cp-29f, 0.0f,
		0.0f, 0.0f, 0.0f, 0.0f,
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

/* SPDX-License-Identifier: MIT */
/*
 * log Γ on sixteen intervals, four to a binade, from 11/16 to 11; printed by tools/gen/minimax.py. Row 0: a point m of
 * each; rows 1 and 2: log Γ(m) as a sum; rows 3 and 4: the slope there, as a sum; from row 5 on the coefficients of what
 * remains over t², t = x - m, lowest power first.
 * No include guard: included once per vocabulary, by expr/math_f32.h.
 */

#define LGAMMA_ROWS_f32 10
#define LGAMMA_ROWS_f64 18

static const ef32 LGAMMA_TABLE_f32[LGAMMA_ROWS_f32][16] = {
	{
		0x1.8p-1f, 0x1.cp-1f, 0x1.0p+0f, 0x1.4p+0f,
		0x1.8p+0f, 0x1.cp+0f, 0x1.0p+1f, 0x1.4p+1f,
		0x1.8p+1f, 0x1.cp+1f, 0x1.0p+2f, 0x1.4p+2f,
		0x1.8p+2f, 0x1.cp+2f, 0x1.0p+3f, 0x1.4p+3f,
	},
	{
		0x1.a051c4p-3f, 0x1.5fad62p-4f, 0.0f, -0x1.92857ep-4f,
		-0x1.eeb95cp-4f, -0x1.59b4fep-4f, 0.0f, 0x1.2383e8p-2f,
		0x1.62e43p-1f, 0x1.337302p+0f, 0x1.cab0cp+0f, 0x1.96ca78p+1f,
		0x1.326644p+2f, 0x1.a51274p+2f, 0x1.10ce2p+3f, 0x1.99a892p+3f,
	},
	{
		-0x1.1b3ec2p-28f, -0x1.8c7dcp-29f, 0.0f, 0x1.8e6a18p-29f,
		0x1.ed67cep-29f, 0x1.2f14b2p-29f, 0.0f, 0x1.34cfdp-31f,
		-0x1.05c61p-29f, -0x1.da3d72p-26f, -0x1.7578p-26f, -0x1.b6e984p-26f,
		-0x1.ddc31cp-25f, -0x1.4c3f8ep-24f, -0x1.9a467ap-22f, 0x1.a7f7dp-25f,
	},
	{
		-0x1.15fafap+0f, -0x1.9ba82p-1f, -0x1.2788dp-1f, -0x1.d1d328p-3f,
		0x1.2aed06p-5f, 0x1.fad2d6p-3f, 0x1.b0ee6p-2f, 0x1.680426p-1f,
		0x1.d8773p-1f, 0x1.1a687ap+0f, 0x1.4190eep+0f, 0x1.8190eep+0f,
		0x1.b4c42p+0f, 0x1.df6eccp+0f, 0x1.02008ap+1f, 0x1.20396ep+1f,
	},
	{
		-0x1.0d609cp-25f, -0x1.3b9196p-28f, 0x1.c824f4p-28f, -0x1.e6be18p-29f,
		-0x1.90a7dep-31f, 0x1.d4a0f4p-29f, 0x1.c824f4p-28f, -0x1.43b528p-27f,
		0x1.c824f4p-28f, -0x1.84207ep-25f, -0x1.1c50b6p-25f, -0x1.1c50b6p-25f,
		0x1.4a15bp-25f, -0x1.6094fcp-25f, 0x1.d11f2ep-26f, -0x1.bd19b6p-26f,
	},
	{
		0x1.455c4ep+0f, 0x1.00bc1ep+0f, 0x1.a51a62p-1f, 0x1.32842cp-1f,
		0x1.de9e66p-2f, 0x1.87385cp-2f, 0x1.4a34cap-2f, 0x1.f6205ep-3f,
		0x1.94699ap-3f, 0x1.52494ep-3f, 0x1.22a27ap-3f, 0x1.c544fap-4f,
		0x1.735974p-4f, 0x1.3a75e6p-4f, 0x1.10aa22p-4f, 0x1.aec2e6p-5f,
	},
	{
		-0x1.c47caep-1f, -0x1.27297cp-1f, -0x1.9a4de8p-2f, -0x1.c531a2p-3f,
		-0x1.1ae4d4p-3f, -0x1.7f956ep-4f, -0x1.13e028p-4f, -0x1.427e38p-5f,
		-0x1.a4d4c2p-6f, -0x1.2777e2p-6f, -0x1.b5200ep-7f, -0x1.0a7446p-7f,
		-0x1.662656p-8f, -0x1.0103ep-8f, -0x1.82a774p-9f, -0x1.e2c534p-10f,
	},
	{
		0x1.a5aa08p-1f, 0x1.cf593ap-2f, 0x1.1532f4p-2f, 0x1.dabf62p-4f,
		0x1.e0f1e4p-5f, 0x1.113106p-5f, 0x1.5154ep-6f, 0x1.319e6ep-7f,
		0x1.44bf52p-8f, 0x1.7ff302p-9f, 0x1.ea3bdep-10f, 0x1.d40c1cp-11f,
		0x1.025cd6p-11f, 0x1.3a7302p-12f, 0x1.9ac3c4p-13f, 0x1.95666ap-14f,
	},
	{
		-0x1.b9d162p-1f, -0x1.9bb5e8p-2f, -0x1.a8703cp-3f, -0x1.20d16cp-4f,
		-0x1.dd90dcp-6f, -0x1.c8e25cp-7f, -0x1.e45a26p-8f, -0x1.59dfbep-9f,
		-0x1.2b809ap-10f, -0x1.2a6be2p-11f, -0x1.478f2ep-12f, -0x1.efb17cp-14f,
		-0x1.c0ad12p-15f, -0x1.ce8428p-16f, -0x1.053002p-16f, -0x1.9b66d2p-18f,
	},
	{
		0x1.dcbc76p-1f, 0x1.7b163ep-2f, 0x1.2b4588p-3f, 0x1.7bf89ep-5f,
		0x1.003562p-6f, 0x1.9a4474p-8f, 0x1.4b991ep-9f, 0x1.b902fp-11f,
		0x1.345cb4p-12f, 0x1.010b72p-13f, 0x1.a4c66ep-15f, 0x1.24637cp-16f,
		0x1.b3f9fep-18f, 0x1.865442p-19f, 0x1.42064ap-20f, 0x1.d15e18p-22f,
	},
};

static const ef64 LGAMMA_TABLE_f64[LGAMMA_ROWS_f64][16] = {
	{
		0x1.8p-1, 0x1.cp-1, 0x1.0p+0,
		0x1.4p+0, 0x1.8p+0, 0x1.cp+0,
		0x1.0p+1, 0x1.4p+1, 0x1.8p+1,
		0x1.cp+1, 0x1.0p+2, 0x1.4p+2,
		0x1.8p+2, 0x1.cp+2, 0x1.0p+3,
		0x1.4p+3,
	},
	{
		0x1.a051c372609eep-3, 0x1.5fad6139c1203p-4, 0.0,
		-0x1.92857d38caf41p-4, -0x1.eeb95b094c191p-4, -0x1.59b4fd6875a6ep-4,
		0.0, 0x1.2383e809a67e8p-2, 0x1.62e42fefa39efp-1,
		0x1.3373018970a36p+0, 0x1.cab0bfa2a2002p+0, 0x1.96ca77c922cf9p+1,
		0x1.326643c4479c9p+2, 0x1.a51273acf01cap+2, 0x1.10ce1f32dcc3p+3,
		0x1.99a8921a7f7cfp+3,
	},
	{
		-0x1.3f4a305209ee2p-58, -0x1.001e95402553ep-58, 0.0,
		-0x1.d1f2d031dc189p-58, -0x1.346863f58b075p-58, -0x1.8611cf72ebf19p-59,
		0.0, -0x1.823fe323a5c09p-56, 0x1.abc9e3b39803fp-56,
		-0x1.1f8a93cc89ef5p-54, 0x1.9136fea076849p-55, -0x1.30bfc76afc5dep-53,
		0x1.a53c2789a6631p-53, -0x1.f67618ce3bfbdp-53, -0x1.a6cba31db10b8p-52,
		0x1.2c1f5d62d30afp-51,
	},
	{
		-0x1.15fafa86b04dbp+0, -0x1.9ba820277232dp-1, -0x1.2788cfc6fb619p-1,
		-0x1.d1d32879af85dp-3, 0x1.2aed059bd608ap-5, 0x1.fad2d675283d3p-3,
		0x1.b0ee6072093cep-2, 0x1.680425af12b5ep-1, 0x1.d8773039049e7p-1,
		0x1.1a68793defc15p+0, 0x1.4190ed71d7a49p+0, 0x1.8190ed71d7a49p+0,
		0x1.b4c420a50ad7cp+0, 0x1.df6ecb4fb5827p+0, 0x1.02008a3a23e5dp+1,
		0x1.20396dc85cc95p+1,
	},
	{
		-0x1.f52ee4a9905bap-59, 0x1.3c724dbf0230ap-55, 0x1.6cb90701fbfabp-58,
		0x1.dc8e13c13fe24p-57, 0x1.cd3d2ca77b63ap-63, -0x1.d2a10e7fb96c4p-57,
		0x1.6cb90701fbfabp-58, -0x1.46eb6bf0197a4p-58, 0x1.6cb90701fbfabp-58,
		0x1.852ae2da9801fp-54, -0x1.27be347515d6p-55, -0x1.27be347515d6p-55,
		0x1.c76d94920f0e7p-57, -0x1.1c67a2c313738p-54, -0x1.fbeaaccf40953p-53,
		0x1.924e36bef84e6p-53,
	},
	{
		0x1.455c4ff28f0bfp+0, 0x1.00bc1ea54482ap+0, 0x1.a51a6625307d3p-1,
		0x1.328429d927c67p-1, 0x1.de9e64df22ef3p-2, 0x1.87385c3c034c4p-2,
		0x1.4a34cc4a60fa6p-2, 0x1.f62057f7296c9p-3, 0x1.94699894c1f4dp-3,
		0x1.52494db9b8c8cp-3, 0x1.22a27c22fad85p-3, 0x1.c544f845f5b0bp-4,
		0x1.735973273d5ecp-4, 0x1.3a75e4ee59d09p-4, 0x1.10aa239ffbc61p-4,
		0x1.aec2e54649b87p-5,
	},
	{
		-0x1.c47dca479e293p-1, -0x1.2729daf51027cp-1, -0x1.9a4d55beab2d7p-2,
		-0x1.c533afa1c08f6p-3, -0x1.1ae55b180726bp-3, -0x1.7f95d3d17c5a9p-4,
		-0x1.13e001a557607p-4, -0x1.427f4cc53f5e6p-5, -0x1.a4d55beab2d6ep-6,
		-0x1.27781d4bb093ap-6, -0x1.b51fa807f70fep-7, -0x1.0a74fd5d4c64ep-7,
		-0x1.6626bc9b31b54p-8, -0x1.0103f8a7d60ddp-8, -0x1.82a72a4875205p-9,
		-0x1.e2c64fe244bcp-10,
	},
	{
		0x1.a59e099b26a0dp-1, 0x1.cf503481763dbp-2, 0x1.151322ac7d73ep-2,
		0x1.dad1b9fd7bd3fp-4, 0x1.e0f840dad61cfp-5, 0x1.112f9cdb80007p-5,
		0x1.51322ac7d8392p-6, 0x1.31b4c4359dda4p-7, 0x1.44c8ab1f611e5p-8,
		0x1.7ff6b372ef935p-9, 0x1.ea0c8ce2a727bp-10, 0x1.d41919c54e7dap-11,
		0x1.0262026c6c747p-11, 0x1.3a7e7cf2219b9p-12, 0x1.9aa036fc772cfp-13,
		0x1.956ea09e4aa9ap-14,
	},
	{
		-0x1.b69daccfc7a8bp-1, -0x1.998a247f68054p-2, -0x1.a8b9c17aa589p-3,
		-0x1.1de1433c33803p-4, -0x1.da59d5374ce87p-6, -0x1.c69a305c52bc8p-7,
		-0x1.e404fc218e0f3p-8, -0x1.56b48947bd2e4p-9, -0x1.29ad8a1fd85a8p-10,
		-0x1.29143cf153eb8p-11, -0x1.47afa062b41a6p-12, -0x1.eb8b4e57a9ce7p-14,
		-0x1.be37a8988253dp-15, -0x1.ccec0d22ae44ep-16, -0x1.0546c8a685969p-16,
		-0x1.9835043b56d6bp-18,
	},
	{
		0x1.e2ab4674a57cep-1, 0x1.8093e11271571p-2, 0x1.5b40cb10a5d11p-3,
		0x1.71ef365fba86ap-5, 0x1.f9ca39daafac5p-7, 0x1.9aef3265a891p-8,
		0x1.7add6eae4087fp-9, 0x1.a54d1cacdbbe1p-11, 0x1.2c40cac31df7ep-12,
		0x1.fb1924e59e32ep-14, 0x1.e430b5d99a295p-15, 0x1.1db6c106f05ecp-16,
		0x1.ab0713fc7ecabp-18, 0x1.7698bfe8fa17ap-19, 0x1.70ea837848339p-20,
		0x1.c8422cbb12709p-22,
	},
	{
		-0x1.12bd37335f1dbp+0, -0x1.766a9fce82bc5p-2, -0x1.2703a1e2654afp-3,
		-0x1.f39b6d667a897p-6, -0x1.1a8ba4e9b7393p-7, -0x1.8689d0642fb67p-9,
		-0x1.38ac5c332932fp-10, -0x1.123653badc93cp-12, -0x1.41a1306f47179p-14,
		-0x1.cc9177346ce5cp-16, -0x1.7d39f12974671p-17, -0x1.629e9fd5be32dp-19,
		-0x1.b4c58e3c53879p-21, -0x1.459737e25ba39p-22, -0x1.16aa34ad55e12p-23,
		-0x1.10f416c7b192bp-25,
	},
	{
		0x1.40037d4031b71p+0, 0x1.756289d152466p-2, 0x1.010b3598ffa25p-3,
		0x1.5ae76a4602bap-6, 0x1.456f1ac852299p-8, 0x1.7f89d0bb87a61p-10,
		0x1.0b36ae95616fdp-11, 0x1.72e006ab617ffp-14, 0x1.66d5f089cd6b7p-16,
		0x1.b471a239b53ep-18, 0x1.3992af1c4a2e7p-19, 0x1.cc9583a1ab3acp-22,
		0x1.d3f2592d00664p-24, 0x1.289d7d4201422p-25, 0x1.b96d7d272e37ep-27,
		0x1.569cd71379cd2p-29,
	},
	{
		-0x1.7b051bdbfe52ep+0, -0x1.7ad602ec78d09p-2, -0x1.c80651c22f832p-4,
		-0x1.eb3c7402cfcd9p-7, -0x1.7edb946cfffb6p-9, -0x1.815ca7efcf4c5p-11,
		-0x1.d3fd2b7ac77d5p-13, -0x1.01a91dfe51ee4p-15, -0x1.9c1b69291913ap-18,
		-0x1.aa5f682d614f5p-20, -0x1.0a33b1c618751p-21, -0x1.352c8c044c41ap-24,
		-0x1.0359a1a827f9ep-26, -0x1.17bca5fb2bccdp-28, -0x1.6a168a2e8a4d6p-30,
		-0x1.bd96f6d7edb87p-33,
	},
	{
		0x1.c6b18b957602cp+0, 0x1.856f4ae34cc79p-2, 0x1.9a034a73c9bcbp-4,
		0x1.60dbfaa412de7p-7, 0x1.c9737aceaf736p-10, 0x1.89b14d733579fp-12,
		0x1.a128c97c2d206p-14, 0x1.6d2a052cc362ap-17, 0x1.e3863efbc960ap-20,
		0x1.aa1654431b2bep-22, 0x1.cece739840496p-24, 0x1.a99a2a37ac70ep-27,
		0x1.2705d9fff827dp-29, 0x1.0ee4c11c164dep-31, 0x1.311811ce7389ep-33,
		0x1.29c834cedbc6dp-36,
	},
	{
		-0x1.137cb048d6f7dp+1, -0x1.9475bded3974dp-2, -0x1.74acea96e16ep-4,
		-0x1.0030e50e9f729p-7, -0x1.147cdfbcd7ff1p-10, -0x1.9744e295078dbp-13,
		-0x1.78fe6ae231828p-15, -0x1.068e82e9c55c7p-18, -0x1.2043c654c3e4p-21,
		-0x1.b138ec92e70dep-24, -0x1.99d97bd48296cp-26, -0x1.2a969a8cdf7a8p-29,
		-0x1.566ad7ce77871p-32, -0x1.0bd225599b85p-34, -0x1.06a6fb35c7f06p-36,
		-0x1.96922122c72d8p-40,
	},
	{
		0x1.50c26c441f911p+1, 0x1.a7c9471f66c2fp-2, 0x1.5599272080703p-4,
		0x1.773ec22e85c21p-8, 0x1.5168bf21d5b43p-11, 0x1.a99c30b15acdp-14,
		0x1.58572edf830e9p-16, 0x1.7db4f2be86f75p-20, 0x1.5c0d895c5a2d2p-23,
		0x1.be7e96d97c5c5p-26, 0x1.70291963c4e12p-28, 0x1.a973db6872e73p-32,
		0x1.93e9703b3403fp-35, 0x1.0d3eb0f9f349ep-37, 0x1.cbec2fb52fa57p-40,
		0x1.1a724dc8d1f92p-43,
	},
	{
		-0x1.a7a0009939257p+1, -0x1.c62e3c4977c98p-2, -0x1.3049af1118864p-4,
		-0x1.1e30c5f67380dp-8, -0x1.a83409357d27ep-12, -0x1.c77cd26541adp-15,
		-0x1.32cdeacf25763p-17, -0x1.21a9647d9fb2fp-21, -0x1.b22e964a127b1p-25,
		-0x1.d8d206f4be834p-28, -0x1.428fe57895ec6p-30, -0x1.3cdc190ac11dfp-34,
		-0x1.ed4cc92dfb226p-38, -0x1.16b44740dccd4p-40, -0x1.89f79ed9a395fp-43,
		-0x1.9a684fc46fa4ep-47,
	},
	{
		0x1.0398590dda147p+2, 0x1.d9128dcd706d6p-2, 0x1.90ce4b8df5adfp-5,
		0x1.b1f04a71929edp-9, 0x1.06f40d78f973p-12, 0x1.dd7accacfefc3p-16,
		0x1.96f52159899c6p-19, 0x1.bcbf4070f322ep-23, 0x1.0fa1528570676p-26,
		0x1.f650146567cf3p-30, 0x1.a1eea4e49e949p-33, 0x1.d5bc2e378a8d4p-37,
		0x1.2d40b662b85fep-40, 0x1.216c4428988e3p-43, 0x1.f5ab606acd82dp-47,
		0x1.28bd3ddf26214p-50,
	},
};

/* SPDX-License-Identifier: MIT */
/* The specification of sliding windows, for its kernel table. Knows no channels. */
#ifndef TR_REF_TAPS_H
#define TR_REF_TAPS_H

#include "lib/ref/fold.h"

#define TR__REF_TAPS_FMA {TR__OF_FLOAT(tr__ref_taps_fma)}
#define TR__REF_TAPS_ADD {TR__OF_FLOAT(tr__ref_taps_add)}
#define TR__REF_TAPS_MAX {TR__OF_FLOAT(tr__ref_taps_max)}
#define TR__REF_NARROW_FMA {[TR_F32] = tr__ref_narrow_fma}
#define TR__REF_PLANE_FMA {TR__OF_FLOAT(tr__ref_plane_fma)}
#define TR__REF_LANES_FMA {TR__OF_FLOAT(tr__ref_lanes_fma)}
#define TR__REF_LANES_ADD {TR__OF_FLOAT(tr__ref_lanes_add)}
#define TR__REF_LANES_MAX {TR__OF_FLOAT(tr__ref_lanes_max)}

#define TR__DECLARE_TAPS(name, T) void name##_##T(const struct tr_taps *t);
#define TR__DECLARE_PLANE(name, T) void name##_##T(const struct tr_plane *t);
#define TR__DECLARE_LANES(name, T) void name##_##T(const struct tr_lane_taps *t);
TR__EACH_FLOAT(TR__DECLARE_TAPS, tr__ref_taps_fma)
TR__EACH_FLOAT(TR__DECLARE_TAPS, tr__ref_taps_add)
TR__EACH_FLOAT(TR__DECLARE_TAPS, tr__ref_taps_max)
TR__EACH_FLOAT(TR__DECLARE_PLANE, tr__ref_plane_fma)
TR__EACH_FLOAT(TR__DECLARE_LANES, tr__ref_lanes_fma)
TR__EACH_FLOAT(TR__DECLARE_LANES, tr__ref_lanes_add)
TR__EACH_FLOAT(TR__DECLARE_LANES, tr__ref_lanes_max)
void tr__ref_narrow_fma(const struct tr_narrow *t);
#undef TR__DECLARE_TAPS
#undef TR__DECLARE_PLANE
#undef TR__DECLARE_LANES

#endif

#pragma once

#include <array>
#include <string_view>

namespace sosie::wastewater::shows_on {

// Where the faults of the process show beside where they strike: the tags that leave their course
// by more than six times their noise for a fifth of the label's time at least, when a fault of
// middle size strikes at nine on a dry working day. Computed by running the same plant with and
// without it; truth_test.cc does so again and checks these lists.

inline constexpr std::array<std::string_view, 16> organic_load{
    "AIT-206-COD", "AIT-207-BOD", "AIT-301-ORP", "AIT-302-ORP", "AIT-304-DO",  "AIT-305-DO",
    "AIT-307-NH4", "AIT-308-NH4", "AIT-309-NH4", "AIT-310-NO3", "AIT-311-NO3", "AIT-321-PO4",
    "FIT-322",     "FIT-325",     "JIT-332",     "ZIT-333"};
inline constexpr std::array<std::string_view, 9> ammonia_peak{
    "AIT-104-COND", "AIT-209-COND", "AIT-212-NH4", "AIT-213-TN", "AIT-307-NH4",
    "AIT-308-NH4",  "AIT-309-NH4",  "FIT-325",     "ZIT-333"};
inline constexpr std::array<std::string_view, 12> toxic_shock{
    "AIT-305-DO", "AIT-308-NH4", "AIT-309-NH4", "AIT-311-NO3", "TIT-319",     "FIT-322",
    "FIT-325",    "SIT-329",     "JIT-330",     "ZIT-333",     "AIT-601-CL2", "FIT-602"};
inline constexpr std::array<std::string_view, 3> hydrocarbon_spill{"AIT-107-COD", "AIT-206-COD",
                                                                   "AIT-320-COD"};
inline constexpr std::array<std::string_view, 6> heavy_metals{
    "AIT-304-DO", "AIT-305-DO", "AIT-309-NH4", "FIT-325", "ZIT-333", "AIT-601-CL2"};
inline constexpr std::array<std::string_view, 3> acid_spill{"AIT-208-PH", "AIT-209-COND",
                                                            "AIT-315-PH"};
inline constexpr std::array<std::string_view, 2> alkaline_spill{"AIT-208-PH", "AIT-209-COND"};
inline constexpr std::array<std::string_view, 11> saline_water{
    "AIT-105-TURB", "AIT-106-TSS", "AIT-107-COD", "AIT-108-BOD",  "AIT-203-TSS", "AIT-204-TSS",
    "AIT-205-TURB", "AIT-206-COD", "AIT-207-BOD", "AIT-209-COND", "FIT-322"};
inline constexpr std::array<std::string_view, 16> blower_trip{
    "AIT-301-ORP", "AIT-302-ORP", "AIT-304-DO",  "AIT-305-DO", "AIT-306-DO", "AIT-308-NH4",
    "AIT-309-NH4", "AIT-310-NO3", "AIT-311-NO3", "TIT-319",    "FIT-322",    "SIT-329",
    "JIT-332",     "ZIT-333",     "AIT-601-CL2", "FIT-602"};
inline constexpr std::array<std::string_view, 11> blower_lost{
    "AIT-304-DO", "AIT-305-DO", "AIT-306-DO", "AIT-309-NH4", "AIT-311-NO3", "TIT-319",
    "FIT-322",    "FIT-323",    "FIT-324",    "FIT-325",     "ZIT-333"};
inline constexpr std::array<std::string_view, 16> return_pump_trip{
    "AIT-301-ORP", "AIT-302-ORP", "AIT-304-DO",  "AIT-305-DO",  "AIT-307-NH4", "AIT-308-NH4",
    "AIT-309-NH4", "AIT-310-NO3", "AIT-313-TSS", "AIT-314-TSS", "FIT-322",     "FIT-325",
    "JIT-332",     "ZIT-333",     "LIT-404",     "AIT-405-TSS"};
inline constexpr std::array<std::string_view, 16> recycle_pump_trip{
    "AIT-301-ORP", "AIT-302-ORP", "AIT-304-DO",  "AIT-305-DO", "AIT-306-DO", "AIT-307-NH4",
    "AIT-309-NH4", "AIT-310-NO3", "AIT-311-NO3", "AIT-315-PH", "TIT-319",    "FIT-325",
    "SIT-329",     "JIT-330",     "JIT-332",     "ZIT-333"};
inline constexpr std::array<std::string_view, 5> lift_pump_trip{"LIT-113", "PDIT-506", "JIT-511",
                                                                "FIT-602", "FIT-801"};
inline constexpr std::array<std::string_view, 3> waste_valve_open{"FIT-202", "JIT-415", "FIT-702"};
inline constexpr std::array<std::string_view, 18> bulking{
    "AIT-304-DO",  "AIT-305-DO",  "AIT-313-TSS", "AIT-314-TSS",  "FIT-322",      "FIT-325",
    "ZIT-333",     "LIT-404",     "AIT-405-TSS", "AIT-407-TURB", "AIT-411-COD",  "AIT-504-TURB",
    "AIT-505-TSS", "AIT-603-UVT", "AIT-604-UVI", "AIT-701-DS",   "AIT-805-TURB", "AIT-806-TSS"};
inline constexpr std::array<std::string_view, 54> hydraulic_washout{
    "PDIT-112",     "LIT-113",      "JIT-115",     "FIT-201",     "FIT-202",     "AIT-204-TSS",
    "AIT-205-TURB", "AIT-206-COD",  "JIT-218",     "AIT-301-ORP", "AIT-302-ORP", "AIT-304-DO",
    "AIT-305-DO",   "AIT-307-NH4",  "AIT-308-NH4", "AIT-309-NH4", "AIT-310-NO3", "AIT-311-NO3",
    "AIT-313-TSS",  "AIT-314-TSS",  "TIT-319",     "FIT-322",     "FIT-325",     "SIT-329",
    "JIT-330",      "JIT-332",      "ZIT-333",     "FIT-403",     "LIT-404",     "AIT-405-TSS",
    "AIT-406-TSS",  "AIT-407-TURB", "AIT-408-NH4", "AIT-411-COD", "FIT-501",     "AIT-504-TURB",
    "AIT-505-TSS",  "PDIT-506",     "FIT-507",     "JIT-511",     "FIT-602",     "AIT-603-UVT",
    "AIT-604-UVI",  "JIT-605",      "LIT-608",     "FIT-702",     "FIT-801",     "AIT-805-TURB",
    "AIT-806-TSS",  "AIT-807-COD",  "AIT-808-BOD", "AIT-809-TN",  "AIT-810-NH4", "AIT-811-TP"};
inline constexpr std::array<std::string_view, 6> ferric_dosing_failure{
    "AIT-503-TP", "AIT-508-PH", "AIT-512-FE", "AIT-606-PH", "AIT-802-PH", "AIT-811-TP"};
inline constexpr std::array<std::string_view, 1> chlorine_dosing_failure{"AIT-601-CL2"};
inline constexpr std::array<std::string_view, 0> screen_clogging{};
inline constexpr std::array<std::string_view, 3> filter_clogging{"AIT-204-TSS", "AIT-205-TURB",
                                                                 "AIT-206-COD"};
inline constexpr std::array<std::string_view, 2> digester_upset{"FIT-705", "PIT-707"};
inline constexpr std::array<std::string_view, 10> command_spoofing{
    "AIT-301-ORP", "AIT-302-ORP", "AIT-304-DO", "AIT-313-TSS", "FIT-322",
    "FIT-325",     "JIT-332",     "ZIT-333",    "LIT-404",     "AIT-405-TSS"};
inline constexpr std::array<std::string_view, 6> setpoint_change{"TIT-319", "FIT-325", "PIT-326",
                                                                 "SIT-329", "JIT-330", "ZIT-333"};
inline constexpr std::array<std::string_view, 5> ferric_manipulation{
    "AIT-503-TP", "AIT-508-PH", "AIT-512-FE", "AIT-606-PH", "AIT-802-PH"};
inline constexpr std::array<std::string_view, 1> chlorine_manipulation{"AIT-601-CL2"};
inline constexpr std::array<std::string_view, 8> loop_do{
    "TIT-319", "FIT-322", "FIT-325", "SIT-329", "JIT-330", "ZIT-333", "AIT-601-CL2", "FIT-602"};
inline constexpr std::array<std::string_view, 6> loop_nitrate{
    "AIT-301-ORP", "AIT-302-ORP", "AIT-307-NH4", "AIT-309-NH4", "FIT-322", "JIT-332"};
inline constexpr std::array<std::string_view, 1> loop_phosphate{"FIT-501"};
inline constexpr std::array<std::string_view, 1> loop_chlorine{"FIT-602"};

}  // namespace sosie::wastewater::shows_on

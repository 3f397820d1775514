#pragma once

#include <array>
#include <string_view>

#include "plants/wastewater/asm1.h"

namespace sosie::bsm1 {

/// As in the benchmark's files.
inline constexpr std::array<std::string_view, components> component_names{
    "SI", "SS", "XI", "XS", "XBH", "XBA", "XP", "SO", "SNO", "SNH", "SND", "XND", "SALK"};

}  // namespace sosie::bsm1

#pragma once

namespace sosie {

class Catalog;

/// Defined by the build: calls register_<shelf>_<folder> of every plug-in's folder.
void register_plugins(Catalog& catalog);

}  // namespace sosie

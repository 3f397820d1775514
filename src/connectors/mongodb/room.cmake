# Only this room needs libmongoc, and whoever includes its headers: its tests.
target_link_libraries(${target} PUBLIC mongoc)

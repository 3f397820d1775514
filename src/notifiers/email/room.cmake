# libcurl speaks SMTP for us.
target_link_libraries(notifiers_email PUBLIC $<LINK_ONLY:curl>)
target_link_libraries(notifiers_email PRIVATE curl)

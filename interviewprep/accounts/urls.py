"""URLs below /people/: mentors, invitations and the profile. Sign-in and addresses are allauth's, below /accounts/."""

from django.urls import path

from interviewprep.accounts import views

urlpatterns = [
    path("", views.people, name="people"),
    path("invite/", views.invite, name="invite_mentor"),
    path("ask/", views.ask, name="ask_candidate"),
    path("invitations/<uuid:invitation_id>/", views.invitation, name="invitation"),
    path("invitations/<uuid:invitation_id>/accept/", views.invitation_accept, name="invitation_accept"),
    path("invitations/<uuid:invitation_id>/send/", views.invitation_send, name="invitation_send"),
    path("<uuid:mentorship_id>/end/", views.mentorship_end, name="mentorship_end"),
    path("profile/", views.profile, name="profile"),
]

"""A Django site with models in memory, dumped while it answers a request."""
import django
from django.conf import settings

settings.configure(
    DEBUG=True, SECRET_KEY='none', ALLOWED_HOSTS=['*'], ROOT_URLCONF=__name__,
    DATABASES={'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': ':memory:'}},
    INSTALLED_APPS=['django.contrib.contenttypes', 'django.contrib.auth'],
    TEMPLATES=[{'BACKEND': 'django.template.backends.django.DjangoTemplates'}],
    DEFAULT_AUTO_FIELD='django.db.models.AutoField')
django.setup()

from django import forms  # noqa: E402
from django.contrib.auth.models import Group, User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db.models import Count, Prefetch, Q  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.template import Context, Template  # noqa: E402
from django.test import Client, RequestFactory  # noqa: E402
from django.urls import path  # noqa: E402

PAGE = Template('{% for user in users %}{{ user.username|upper }}: '
                '{% for group in user.groups.all %}{{ group.name }} {% endfor %}{% endfor %}')
state = {}


class Search(forms.Form):
    text = forms.CharField(max_length=20)
    number = forms.IntegerField(min_value=1, required=False)


def users():
    return User.objects.filter(Q(username__contains='1') | Q(pk__lt=5)).prefetch_related(
        Prefetch('groups', queryset=Group.objects.order_by('name')))


def index(request):
    found = users()
    state['pages'].append(PAGE.render(Context({'users': found})))
    form = Search(request.GET)
    if not form.is_valid():
        return HttpResponse(str(form.errors))
    if len(state['pages']) > 20:
        state['tell']()
    return HttpResponse('\n'.join(state['pages'][-1:]))


urlpatterns = [path('', index)]


def fill():
    call_command('migrate', verbosity=0, run_syncdb=True)
    groups = [Group.objects.create(name='group %d' % i) for i in range(5)]
    for i in range(50):
        user = User.objects.create(username='user %d' % i)
        user.groups.set(groups[:i % 5])
    state['annotated'] = list(Group.objects.annotate(Count('user')))
    state['lazy'] = User.objects.select_related().only('username')
    state['requests'] = [RequestFactory().post('/', {'a': str(i)}) for i in range(10)]


def main(tell):
    state.update(tell=tell, pages=[])
    fill()
    client = Client()
    while True:
        state['response'] = client.get('/', {'text': 'x', 'number': '3'})

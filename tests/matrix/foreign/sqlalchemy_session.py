"""SQLAlchemy's ORM: models, a session with changes, a query in the middle of its rows."""
import sqlalchemy as sql
from sqlalchemy import orm

try:
    from sqlalchemy.orm import declarative_base
except ImportError:  # before 1.4
    from sqlalchemy.ext.declarative import declarative_base

Base = declarative_base()


class Author(Base):
    __tablename__ = 'author'
    id = sql.Column(sql.Integer, primary_key=True)
    name = sql.Column(sql.String(40))
    books = orm.relationship('Book', back_populates='author', lazy='selectin')


class Book(Base):
    __tablename__ = 'book'
    id = sql.Column(sql.Integer, primary_key=True)
    title = sql.Column(sql.String(40))
    author_id = sql.Column(sql.ForeignKey('author.id'))
    author = orm.relationship('Author', back_populates='books')


def fill(session):
    for i in range(40):
        author = Author(name='author %d' % i)
        author.books = [Book(title='book %d of %d' % (k, i)) for k in range(3)]
        session.add(author)
    session.commit()


def dropped(engine):
    """Sessions and their objects refer to each other."""
    for i in range(10):
        session = orm.Session(engine)
        author = session.query(Author).get(i + 1)
        author.session, author.me = session, author


def main(tell):
    engine = sql.create_engine('sqlite://', poolclass=sql.pool.StaticPool)
    Base.metadata.create_all(engine)
    session = orm.Session(engine)
    fill(session)
    events = []
    sql.event.listen(Author, 'load', lambda target, context: events.append(target.id))
    query = session.query(Author).join(Book).filter(Book.title.like('%1%')).order_by(Author.name)
    dropped(engine)
    for number, author in enumerate(query):
        author.name += '!'
        author.books.append(Book(title='new'))
        if number == 5:
            tell(author, events)
